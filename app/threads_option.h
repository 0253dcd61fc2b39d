// The option that takes numbers of threads. Its limit is the machine's, so that one message says how
// many there can be.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace flopmeter {

/// Adds an option that takes numbers of threads, divided by commas: each from 1 to the cores that this
/// process may use. Throws BadInput, while the command line is read, for anything else.
CLI::Option* add_threads(CLI::App& command, const std::string& name, std::vector<int>& target,
                         const std::string& help);

}  // namespace flopmeter
