#include "models/chain/network_file.h"

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/onnx/bind/network.h"

namespace flopmeter::models {
namespace {

/// GGUF files and JSON objects say what they are.
bool is_onnx(std::string_view bytes) {
  const std::size_t first = bytes.substr(0, 4096).find_first_not_of(" \t\r\n");
  return !bytes.starts_with("GGUF") && (first == std::string_view::npos || bytes[first] != '{');
}

}  // namespace

NetworkFile read_network(const std::string& path, const ModelOptions& options) {
  auto file = std::make_shared<const MappedFile>(path);
  if (!is_onnx(file->bytes())) {
    bad_input("{}: only ONNX files can be run so far", path);
  }
  try {
    return onnx::read_network(std::move(file), options);
  } catch (const BadInput& error) {
    bad_input("{}: {}", path, error.what());
  } catch (const CountOverflow& error) {
    bad_input("{}: {}", path, error.what());
  }
}

}  // namespace flopmeter::models
