// Which problems a command works on: --layer, --shape, --batch, or the default shapes.
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
  ModelArguments model_arguments;
};

/// Adds the options to a subcommand.
void add_problem_options(CLI::App& command, ProblemSelection& selection);

/// The layers asked for, all of them if none was. Throws BadInput.
std::vector<AnyLayer> selected_layers(const ProblemSelection& selection);

/// Distinct cases of a network, labelled with the first node and how often they are used. What has no layer
/// is named on stderr.
std::vector<Problem> model_problems(const ProblemSelection& selection);

/// The problems asked for: the shapes and batch files of the one layer given, or else the default
/// shapes of the layers. Throws BadInput.
std::vector<Problem> select_problems(const ProblemSelection& selection);

}  // namespace flopmeter
