#include "app/problems.h"

#include <iterator>
#include <optional>

#include "app/read_file.h"
#include "models/totals.h"

namespace flopmeter {
namespace {

void append(std::vector<Problem>& problems, std::vector<Problem> more) {
  std::ranges::move(more, std::back_inserter(problems));
}

std::vector<Problem> given_problems(const ProblemSelection& selection) {
  if (selection.layers.size() != 1) {
    bad_input("--shape and --batch need exactly one --layer, to know whose shapes they are");
  }
  const AnyLayer& layer = find_layer(selection.layers.front());
  std::vector<Problem> problems;
  for (const std::string& shape : selection.shapes) {
    problems.push_back(parse_problem(layer, shape));
  }
  for (const std::string& path : selection.batches) {
    const std::optional<std::string> text = read_file(path);
    if (!text) {
      bad_input("cannot read batch file '{}': give a file of one shape a line", path);
    }
    append(problems, parse_batch(layer, *text, path));
  }
  return problems;
}

}  // namespace

void add_problem_options(CLI::App& command, ProblemSelection& selection) {
  command.add_option("--layer", selection.layers, "only these layers")->delimiter(',');
  command.add_option("--shape", selection.shapes, "these shapes of the layer")->delimiter(',');
  command.add_option("--batch", selection.batches, "a benchdnn batch file of the layer's shapes");
  command.add_option("--model", selection.model,
                     "the distinct cases of a network: an ONNX or GGUF file, a config.json");
  command
      .add_option("--dim", selection.model_arguments.dims,
                  "with --model: a free dimension, batch=1; '*=1' for all")
      ->allow_extra_args(false);
}

std::vector<AnyLayer> selected_layers(const ProblemSelection& selection) {
  if (selection.layers.empty()) {
    return layers();
  }
  std::vector<AnyLayer> selected;
  for (const std::string& name : selection.layers) {
    selected.push_back(find_layer(name));
  }
  return selected;
}

std::vector<Problem> model_problems(const ProblemSelection& selection) {
  const models::Model model =
      models::read_model_file(selection.model, single(selection.model_arguments));
  std::vector<Problem> problems;
  for (const models::ModelCase& one : models::distinct_cases(model)) {
    const bool wanted =
        selection.layers.empty() ||
        std::ranges::find(selection.layers, one.layer->name) != selection.layers.end();
    if (wanted) {
      problems.push_back(
          {one.layer, one.values, fmt::format("{} x{}", one.nodes.front()->name, one.uses)});
    }
  }
  for (const models::ModelNode& node : model.nodes) {
    if (!node.reason.empty()) {
      fmt::print(stderr, "flopmeter: left out: {} ({}): {}\n", node.name, node.operation,
                 node.reason);
    }
  }
  return problems;
}

std::vector<Problem> select_problems(const ProblemSelection& selection) {
  if (!selection.model.empty()) {
    if (!selection.shapes.empty() || !selection.batches.empty()) {
      bad_input("--model brings its own shapes: leave --shape and --batch out");
    }
    return model_problems(selection);
  }
  if (!selection.shapes.empty() || !selection.batches.empty()) {
    return given_problems(selection);
  }
  std::vector<Problem> problems;
  for (const AnyLayer& layer : layers()) {
    const bool wanted = selection.layers.empty() ||
                        std::ranges::find(selection.layers, layer.name) != selection.layers.end();
    if (wanted) {
      append(problems, default_problems(layer));
    }
  }
  return problems;
}

}  // namespace flopmeter
