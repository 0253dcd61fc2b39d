#include "app/problems.h"

#include <fstream>
#include <iterator>

namespace flopmeter {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    bad_input("cannot read batch file '{}': give a file of one shape a line", path);
  }
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

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
    append(problems, parse_batch(layer, read_file(path), path));
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
