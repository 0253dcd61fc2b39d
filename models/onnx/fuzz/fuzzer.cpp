// A libFuzzer target for everything that reads a model: any bytes are counted or refused with one line.
// docs/models.md says how it is built and run.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/gguf/gguf.h"
#include "models/huggingface/config.h"
#include "models/onnx/graph.h"
#include "models/onnx/patterns.h"

namespace {

void read_any(std::string_view bytes) {
  if (bytes.starts_with("GGUF")) {
    flopmeter::gguf::read_header(bytes);
  } else if (bytes.starts_with("{")) {
    flopmeter::huggingface::read_config(bytes);
  } else {
    const flopmeter::onnx::ModelProto model = flopmeter::onnx::read_model(bytes);
    flopmeter::onnx::Graph graph = flopmeter::onnx::build_graph(model, {.dims = {{"*", 2}}});
    flopmeter::onnx::recognise(graph);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    read_any({reinterpret_cast<const char*>(data), size});
  } catch (const flopmeter::BadInput&) {
  } catch (const flopmeter::CountOverflow&) {
  }
  return 0;
}
