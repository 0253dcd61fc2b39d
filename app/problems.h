// Which problems a command works on: --layer, --shape, --batch, --model, or the default shapes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/model_options.h"
#include "kernels/case.h"

namespace flopmeter {

struct ProblemSelection {
  std::vector<std::string> layers;
  std::vector<std::string> shapes;
  std::vector<std::string> batches;
  std::string model;  // a network's file: its distinct cases
  ModelArguments model_arguments = {};
};

/// Problems, and the passes and number types that options of benchdnn in front of them ask for.
struct SelectedProblems {
  std::vector<Problem> problems;
  std::vector<Pass> passes;
  std::vector<Dtype> dtypes;
};

/// Adds the options to a subcommand.
void add_problem_options(CLI::App& command, ProblemSelection& selection);

/// The layers asked for, all of them if none was. Throws BadInput.
std::vector<AnyLayer> selected_layers(const ProblemSelection& selection);

/// Distinct cases of a network, labelled with the first node and how often they are used. What has no
/// layer is named on the standard error. Throws BadInput.
std::vector<Problem> model_problems(const ProblemSelection& selection);

/// The problems asked for, with what the options of batch files say; what of these files is not read
/// goes to the standard error. Throws BadInput.
SelectedProblems select_with_options(const ProblemSelection& selection);

/// The problems asked for: the shapes and batch files of the one layer given, or else the default
/// shapes of the layers. Throws BadInput.
std::vector<Problem> select_problems(const ProblemSelection& selection);

}  // namespace flopmeter
