// Options that are numbers. One place reads them, so that each refuses what is no number, negative,
// huge or out of its range in one line that names the option.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace flopmeter {

/// The lowest and the highest value that an option takes.
template <class T>
struct NumberRange {
  T lowest;
  T highest;
};

/// Adds an option that takes one number. Throws BadInput, while the command line is read, for what
/// is no number of the range. T: int, std::int64_t, std::size_t, std::uint64_t, double.
template <class T>
CLI::Option* add_number(CLI::App& command, const std::string& name, T& target, NumberRange<T> range,
                        const std::string& help);

/// The same for a list of numbers, divided by commas.
CLI::Option* add_numbers(CLI::App& command, const std::string& name, std::vector<int>& target,
                         NumberRange<int> range, const std::string& help);

/// Adds an option that takes a percentage, "5%" or "5", as a share: 0.05.
CLI::Option* add_percent(CLI::App& command, const std::string& name, double& target,
                         NumberRange<double> range, const std::string& help);

}  // namespace flopmeter
