// Options that all commands about a network share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/model.h"

namespace flopmeter {

/// What was written, before ranges are taken apart.
struct ModelArguments {
  std::vector<std::string> dims;
  std::vector<int> batches;
  std::vector<std::string> inputs;
  models::ModelOptions options;  // all but dims, inputs, batch and past
  std::vector<int> pasts;
};

void add_input_option(CLI::App& command, ModelArguments& arguments);

/// --dim, --input, --as-is, --phase, --tokens, --past, --batch.
void add_model_options(CLI::App& command, ModelArguments& arguments);

/// "batch=1,4,16" and "batch=1:8:2" are a name and its values. Throws BadInput.
std::pair<std::string, std::vector<std::int64_t>> parse_dim_option(const std::string& text);

/// One set of options for each combination of values, the last name the fastest.
std::vector<models::ModelOptions> combinations(const ModelArguments& arguments);

/// The only one. Throws BadInput where there are several.
models::ModelOptions single(const ModelArguments& arguments);

}  // namespace flopmeter
