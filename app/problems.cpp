#include "app/problems.h"

#include <algorithm>
#include <iterator>

#include "app/read_file.h"
#include "app/standard_streams.h"
#include "kernels/benchdnn/batch.h"
#include "models/totals.h"

namespace flopmeter {
namespace {

void append(std::vector<Problem>& problems, std::vector<Problem> more) {
  std::ranges::move(more, std::back_inserter(problems));
}

template <class Value>
void append_new(std::vector<Value>& values, const std::vector<Value>& more) {
  for (const Value value : more) {
    if (std::ranges::find(values, value) == values.end()) {
      values.push_back(value);
    }
  }
}

void append(SelectedProblems& selected, benchdnn::Wanted wanted) {
  selected.problems.push_back(std::move(wanted.problem));
  append_new(selected.passes, wanted.passes);
  append_new(selected.dtypes, wanted.dtypes);
}

void append_batch(SelectedProblems& selected, const benchdnn::Subject& subject,
                  const std::string& path) {
  benchdnn::Batch batch =
      benchdnn::read_batch(subject, path, [](const std::string& name) { return read_file(name); });
  for (const std::string& line : lines_of(batch, path)) {
    complain(line);
  }
  for (benchdnn::Wanted& wanted : batch.wanted) {
    append(selected, std::move(wanted));
  }
}

SelectedProblems given_problems(const ProblemSelection& selection) {
  if (selection.layers.size() != 1) {
    bad_input("--shape and --batch need exactly one --layer, to know whose shapes they are");
  }
  const benchdnn::Subject subject = benchdnn::find_subject(selection.layers.front());
  SelectedProblems selected;
  for (const std::string& shape : selection.shapes) {
    benchdnn::Wanted wanted = benchdnn::read_line(subject, shape);
    if (!wanted.remark.empty()) {
      complain(fmt::format("{}: {}", shape, wanted.remark));
    }
    append(selected, std::move(wanted));
  }
  for (const std::string& path : selection.batches) {
    append_batch(selected, subject, path);
  }
  return selected;
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
  add_input_option(command, selection.model_arguments);
}

std::vector<AnyLayer> selected_layers(const ProblemSelection& selection) {
  if (selection.layers.empty()) {
    return layers();
  }
  std::vector<AnyLayer> selected;
  for (const std::string& name : selection.layers) {
    const benchdnn::Subject subject = benchdnn::find_subject(name);
    for (const AnyLayer& layer : layers()) {
      const bool meant = subject.layer != nullptr
                             ? layer.name == subject.layer->name
                             : benchdnn::driver_of(layer.name) == subject.driver;
      if (meant) {
        selected.push_back(layer);
      }
    }
  }
  return selected;
}

std::vector<Problem> model_problems(const ProblemSelection& selection) {
  const models::Model model =
      models::read_model_file(selection.model, single(selection.model_arguments));
  std::vector<AnyLayer> wanted = selected_layers(selection);
  std::vector<Problem> problems;
  for (const models::ModelCase& one : models::distinct_cases(model)) {
    if (std::ranges::find(wanted, one.layer->name, &AnyLayer::name) != wanted.end()) {
      problems.push_back(
          {one.layer, one.values, fmt::format("{} x{}", one.nodes.front()->name, one.uses)});
    }
  }
  for (const models::ModelNode& node : model.nodes) {
    if (!node.reason.empty()) {
      complain(
          fmt::format("flopmeter: left out: {} ({}): {}", node.name, node.operation, node.reason));
    }
  }
  return problems;
}

SelectedProblems select_with_options(const ProblemSelection& selection) {
  if (!selection.model.empty()) {
    if (!selection.shapes.empty() || !selection.batches.empty()) {
      bad_input("--model brings its own shapes: leave --shape and --batch out");
    }
    return {model_problems(selection), {Pass::forward}, {Dtype::f32}};
  }
  if (!selection.model_arguments.dims.empty() || !selection.model_arguments.inputs.empty()) {
    bad_input("--dim and --input are of a network: name its file with --model");
  }
  if (!selection.shapes.empty() || !selection.batches.empty()) {
    return given_problems(selection);
  }
  SelectedProblems selected{{}, {Pass::forward}, {Dtype::f32}};
  for (const AnyLayer& layer : selected_layers(selection)) {
    // Problems name their layer by its place in the table.
    append(selected.problems, default_problems(find_layer(layer.name)));
  }
  return selected;
}

std::vector<Problem> select_problems(const ProblemSelection& selection) {
  return select_with_options(selection).problems;
}

}  // namespace flopmeter
