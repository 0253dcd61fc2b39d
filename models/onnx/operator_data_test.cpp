// The operator tests that ONNX publishes: 1,072 small models with inputs and expected outputs. Shapes of
// all outputs must be those of the data. Skipped where the package libonnx-testdata is not installed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "kernels/bad_input.h"
#include "models/file/mapped_file.h"
#include "models/onnx/content.h"
#include "models/onnx/free_dims.h"
#include "models/onnx/graph.h"

namespace flopmeter::onnx {
namespace {

namespace fs = std::filesystem;

const fs::path data_folder = "/usr/share/libonnx-testdata/data";

/// Operators that are not supported; docs/models.md says why.
bool outside(std::string_view op) {
  static const std::set<std::string_view> names{
      // Strings and text.
      "StringNormalizer", "TfIdfVectorizer", "StringConcat", "StringSplit", "RegexFullMatch",
      // Sequences and maps.
      "SequenceInsert", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase",
      "SequenceLength", "SequenceMap", "ConcatFromSequence", "SplitToSequence", "Optional",
      "OptionalGetElement",
      // Training.
      "Adam", "Adagrad", "Momentum", "Gradient"};
  return names.contains(op);
}

/// With the graphs inside.
bool has_outside(const GraphProto& graph) {
  for (const NodeProto& node : graph.nodes) {
    if (outside(node.op)) {
      return true;
    }
    for (const AttributeProto& attribute : node.attributes) {
      if (attribute.g && has_outside(*attribute.g)) {
        return true;
      }
    }
  }
  return false;
}

struct Outcome {
  bool skipped = false;
  std::string problem;
};

/// The file's data of an input or output; nothing for sequences and optional values, which are stored
/// as other messages.
std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string compared(const Graph& graph, std::size_t i, const TensorProto& expected) {
  const Tensor& got = graph.tensors[static_cast<std::size_t>(graph.outputs[i])].known;
  const Dims wanted(expected.dims.begin(), expected.dims.end());
  // The data of these tests stores bfloat16 as the integers that hold it.
  const bool stored_as_bits = got.elem == Elem::bf16 && expected.elem == Elem::u16;
  if (got.elem != expected.elem && !stored_as_bits) {
    return fmt::format("output {} has type {}, not {}", i, to_string(got.elem),
                       to_string(expected.elem));
  }
  if (!got.dims || got.dims->size() != wanted.size()) {
    return fmt::format("output {} has shape {}, not {}", i, got.dims ? to_string(*got.dims) : "?",
                       to_string(wanted));
  }
  for (std::size_t d = 0; d < wanted.size(); ++d) {
    // What only a run can know may be anything.
    if ((*got.dims)[d].known() && !((*got.dims)[d] == wanted[d])) {
      return fmt::format("output {} has shape {}, not {}", i, to_string(*got.dims),
                         to_string(wanted));
    }
  }
  return "";
}

Outcome run_case(const fs::path& folder) {
  const std::string bytes = file_text(folder / "model.onnx");
  const ModelProto model = read_model(bytes);
  if (has_outside(model.graph)) {
    return {.skipped = true, .problem = ""};
  }
  const fs::path data = folder / "test_data_set_0";
  std::vector<std::string> kept;
  kept.reserve(64);
  GraphOptions options{.dims = {{"*", 1}}};
  const auto inputs = true_inputs(model.graph);
  for (std::size_t i = 0; i < inputs.size() && i < 60; ++i) {
    const fs::path path = data / fmt::format("input_{}.pb", i);
    if (!inputs[i]->tensor || !fs::exists(path)) {
      continue;
    }
    kept.push_back(file_text(path));
    const TensorProto tensor = read_tensor_file(kept.back());
    Tensor known = tensor_of(tensor.elem, {tensor.dims.begin(), tensor.dims.end()});
    known.content = read_content(tensor, nullptr);
    options.inputs.emplace(std::string(inputs[i]->name), std::move(known));
  }
  const Graph graph = build_graph(model, options);
  for (std::size_t i = 0; i < graph.outputs.size() && i < 60; ++i) {
    const fs::path path = data / fmt::format("output_{}.pb", i);
    if (!fs::exists(path) || !model.graph.outputs[i].tensor) {
      continue;
    }
    kept.push_back(file_text(path));
    if (std::string problem = compared(graph, i, read_tensor_file(kept.back())); !problem.empty()) {
      return {.skipped = false, .problem = std::move(problem)};
    }
  }
  return {};
}

TEST(OperatorData, ShapesOfAllOutputsAgree) {
  if (!fs::exists(data_folder)) {
    GTEST_SKIP() << "libonnx-testdata is not installed";
  }
  int passed = 0;
  int skipped = 0;
  std::map<std::string, std::string> failed;
  for (const auto& group : fs::directory_iterator(data_folder)) {
    if (group.path().filename() == "real") {
      continue;  // whole networks, to be downloaded
    }
    for (const auto& entry : fs::directory_iterator(group.path())) {
      if (!fs::exists(entry.path() / "model.onnx")) {
        continue;
      }
      try {
        const Outcome outcome = run_case(entry.path());
        skipped += outcome.skipped ? 1 : 0;
        passed += !outcome.skipped && outcome.problem.empty() ? 1 : 0;
        if (!outcome.problem.empty()) {
          failed[entry.path().filename()] = outcome.problem;
        }
      } catch (const std::exception& error) {
        failed[entry.path().filename()] = error.what();
      }
    }
  }
  for (const auto& [name, problem] : failed) {
    ADD_FAILURE() << name << ": " << problem;
  }
  RecordProperty("passed", passed);
  RecordProperty("skipped", skipped);
  EXPECT_GE(passed, 1000);
}

}  // namespace
}  // namespace flopmeter::onnx
