// The operator tests that ONNX publishes: 1,072 small models with inputs and expected outputs. Types and
// shapes of all outputs must be those of the data, and values where they are computed from shapes and
// small tensors. Skipped where the package libonnx-testdata is not installed.
#include <gtest/gtest.h>

#include <cmath>
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

/// Operators on what is no tensor, of text, of files, of training and of trees: out of scope.
bool outside(std::string_view op) {
  static const std::set<std::string_view> names{
      // Text.
      "StringNormalizer", "TfIdfVectorizer", "StringConcat", "StringSplit", "RegexFullMatch",
      // Sequences and maps.
      "SequenceInsert", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase",
      "SequenceLength", "SequenceMap", "ConcatFromSequence", "SplitToSequence", "Optional",
      "OptionalGetElement",
      // Images as files.
      "ImageDecoder",
      // The domain ai.onnx.ml, of which ONNX 1.17 has tests.
      "ArrayFeatureExtractor", "Binarizer", "LabelEncoder", "TreeEnsemble",
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
      if (attribute.graph && has_outside(*attribute.graph)) {
        return true;
      }
    }
  }
  return false;
}

struct Outcome {
  bool skipped = false;
  std::string problem = {};
  std::set<std::string> uncounted = {};  // operators without a layer, of rows that say so
  bool valued = false;                   // an output's values were held against the data
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

double element(const Content& content, std::size_t i) {
  return content.real ? content.reals[i] : static_cast<double>(content.integers[i].value());
}

/// What is known of an output's values before the run, against the data; what is not known is skipped.
std::string compared_values(const Tensor& got, const TensorProto& expected, bool& valued) {
  const Contents wanted = read_content(expected, nullptr);
  if (got.content == nullptr || wanted == nullptr ||
      (!got.content->real && !all_known(got.content->integers))) {
    return "";
  }
  if (got.content->size() != wanted->size() || got.content->real != wanted->real) {
    return fmt::format("{} values instead of {}", got.content->size(), wanted->size());
  }
  valued = true;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    const double is = element(*got.content, i);
    const double should = element(*wanted, i);
    const bool both_nan = std::isnan(is) && std::isnan(should);
    if (!both_nan && is != should && !(std::abs(is - should) <= 1e-5 * std::abs(should) + 1e-6)) {
      return fmt::format("value {} is {}, not {}", i, is, should);
    }
  }
  return "";
}

Outcome run_case(const fs::path& folder) {
  const std::string bytes = file_text(folder / "model.onnx");
  const ModelProto model = read_model(bytes);
  if (has_outside(model.graph)) {
    return {.skipped = true};
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
    if (inputs[i]->elem == tensor.elem) {  // bfloat16 is stored as the integers that hold it
      known.content = read_content(tensor, nullptr);
    }
    options.inputs.emplace(std::string(inputs[i]->name), std::move(known));
  }
  const Graph graph = build_graph(model, options);
  Outcome outcome;
  for (const GraphNode& node : graph.nodes) {
    if (node.lowered->layers.empty() && !node.lowered->reason.empty()) {
      outcome.uncounted.insert(std::string(node.proto->op));
    }
  }
  for (std::size_t i = 0; i < graph.outputs.size() && i < 60; ++i) {
    const fs::path path = data / fmt::format("output_{}.pb", i);
    if (!fs::exists(path) || !model.graph.outputs[i].tensor) {
      continue;
    }
    kept.push_back(file_text(path));
    const TensorProto expected = read_tensor_file(kept.back());
    outcome.problem = compared(graph, i, expected);
    if (outcome.problem.empty()) {
      const Tensor& got = graph.tensors[static_cast<std::size_t>(graph.outputs[i])].known;
      outcome.problem = compared_values(got, expected, outcome.valued);
    }
    if (!outcome.problem.empty()) {
      break;
    }
  }
  return outcome;
}

struct CaseResults {
  int passed = 0, skipped = 0, valued = 0;
  std::map<std::string, std::string> failed;
  std::map<std::string, int> uncounted;  // tests by operator
  int with_uncounted = 0;
};

void add_case(const fs::path& folder, CaseResults& all) {
  const std::string name = folder.filename();
  try {
    const Outcome outcome = run_case(folder);
    all.skipped += outcome.skipped ? 1 : 0;
    all.valued += outcome.valued ? 1 : 0;
    all.passed += !outcome.skipped && outcome.problem.empty() ? 1 : 0;
    all.with_uncounted += outcome.uncounted.empty() ? 0 : 1;
    for (const std::string& op : outcome.uncounted) {
      ++all.uncounted[op];
    }
    if (!outcome.problem.empty()) {
      all.failed[name] = outcome.problem;
    }
  } catch (const std::exception& error) {
    all.failed[name] = error.what();
  }
}

const CaseResults& results() {
  static const CaseResults all = [] {
    CaseResults made;
    for (const auto& group : fs::directory_iterator(data_folder)) {
      // "real" has whole networks, to be downloaded.
      for (const auto& entry : fs::directory_iterator(group.path())) {
        if (group.path().filename() != "real" && fs::exists(entry.path() / "model.onnx")) {
          add_case(entry.path(), made);
        }
      }
    }
    return made;
  }();
  return all;
}

constexpr auto package_missing =
    "not run: the operator tests of ONNX are not there, which the Debian package libonnx-testdata "
    "brings";

TEST(OperatorData, ShapesOfAllOutputsAgreeAndValuesThatAreComputed) {
  if (!fs::exists(data_folder)) {
    GTEST_SKIP() << package_missing;
  }
  for (const auto& [name, problem] : results().failed) {
    ADD_FAILURE() << name << ": " << problem;
  }
  RecordProperty("passed", results().passed);
  RecordProperty("skipped", results().skipped);
  RecordProperty("valued", results().valued);
  EXPECT_GE(results().passed, 1000);
  EXPECT_GE(results().valued, 150);
}

/// One in twenty may use an operator that no layer counts, and the page names each of these.
TEST(OperatorData, FewUseWhatIsNotCountedAndThePageNamesIt) {
  if (!fs::exists(data_folder)) {
    GTEST_SKIP() << package_missing;
  }
  EXPECT_LE(20 * results().with_uncounted, results().passed) << results().with_uncounted;
  const std::string page = file_text("docs/models.md");
  for (const auto& [op, tests] : results().uncounted) {
    EXPECT_NE(page.find(op), std::string::npos) << op << ", of " << tests << " tests";
  }
}

}  // namespace
}  // namespace flopmeter::onnx
