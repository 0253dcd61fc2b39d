// flopmeter table: rows of result files gathered by some of their fields.
#pragma once

#include <CLI/CLI.hpp>

namespace flopmeter {

void add_table(CLI::App& app, int& exit_code);

}  // namespace flopmeter
