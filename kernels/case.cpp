#include "kernels/case.h"

#include <set>
#include <sstream>

namespace flopmeter {

std::string Case::name() const {
  return fmt::format("{}/{}/{}/{}/{}", problem.layer->name, to_string(pass), backend,
                     to_string(dtype), problem.shape());
}

Problem parse_problem(const AnyLayer& layer, std::string_view text) {
  const NamedDescriptor named = split_name(text);
  return {&layer, layer.parse(named.descriptor), named.name};
}

namespace {

/// Products of 8-bit integers are summed up in 32 bits and scaled to f32.
Dtype stored(const Operand& operand, Dtype dtype) {
  const bool wide = operand.role == Role::output || operand.name == "bias";
  return dtype == Dtype::s8 && wide ? Dtype::f32 : dtype;
}

}  // namespace

std::int64_t compulsory_bytes(const Problem& problem, std::span<const Pass> passes, Dtype dtype) {
  std::int64_t sum = 0;
  std::set<std::string_view> met;
  for (const Pass pass : passes) {
    for (const Operand& operand : problem.operands(pass)) {
      if (met.insert(operand.name).second) {
        const std::int64_t moved = compulsory_elements({&operand, 1});
        sum = checked_add(sum, checked_multiply(moved, size_of(stored(operand, dtype))));
      }
    }
  }
  return sum;
}

std::int64_t compulsory_bytes(const Problem& problem, Pass pass, Dtype dtype) {
  return compulsory_bytes(problem, {&pass, 1}, dtype);
}

namespace {

std::string without_comment(const std::string& line) {
  const std::string text = line.substr(0, line.find('#'));
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) {
    return "";
  }
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

std::vector<Problem> parse_batch(const AnyLayer& layer, std::string_view text,
                                 std::string_view origin) {
  std::vector<Problem> problems;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string descriptor = without_comment(line);
    if (descriptor.empty()) {
      continue;
    }
    if (descriptor.starts_with("--")) {
      bad_input("{}:{}: option line '{}' is not supported: give one shape a line", origin, number,
                descriptor);
    }
    try {
      problems.push_back(parse_problem(layer, descriptor));
    } catch (const std::exception& error) {
      bad_input("{}:{}: {}", origin, number, error.what());
    }
  }
  return problems;
}

std::vector<Problem> default_problems(const AnyLayer& layer) {
  return parse_batch(layer, layer.default_shapes, fmt::format("{}/default.shapes", layer.name));
}

}  // namespace flopmeter
