// What is thrown for input that a person can mend. Caught once, in main: one line, exit code 2.
#pragma once

#include <fmt/format.h>

#include <stdexcept>

namespace flopmeter {

/// The message names the offending value and the accepted form, in one line.
struct BadInput : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Throws BadInput with a formatted message.
template <class... Args>
[[noreturn]] void bad_input(fmt::format_string<Args...> message, Args&&... args) {
  throw BadInput(fmt::format(message, std::forward<Args>(args)...));
}

}  // namespace flopmeter
