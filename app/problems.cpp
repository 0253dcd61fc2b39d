#include "app/problems.h"

#include <iterator>
#include <optional>

#include "app/read_file.h"

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

std::vector<Problem> select_problems(const ProblemSelection& selection) {
  if (!selection.shapes.empty() || !selection.batches.empty()) {
    return given_problems(selection);
  }
  const std::vector<AnyLayer> wanted = selected_layers(selection);
  std::vector<Problem> problems;
  for (const AnyLayer& layer : layers()) {  // whose order is kept, and which outlive this
    if (std::ranges::find(wanted, layer.name, &AnyLayer::name) != wanted.end()) {
      append(problems, default_problems(layer));
    }
  }
  return problems;
}

}  // namespace flopmeter
