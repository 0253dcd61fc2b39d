// The program calls itself, for what a process can do only once.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace flopmeter {

struct ChildOutput {
  std::string out;
  std::string problem;  // how it ended, with the last line that it complained of; empty: well
};

/// Runs the program with these words after its name and waits for it. `variables`, "NAME=VALUE",
/// are set besides those of this process, or instead. Throws std::runtime_error when it cannot be
/// started.
ChildOutput run_child(const std::string& program, std::span<const std::string> words,
                      std::span<const std::string> variables);

/// This program.
inline constexpr auto own_program = "/proc/self/exe";

}  // namespace flopmeter
