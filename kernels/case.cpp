#include "kernels/case.h"

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

std::int64_t compulsory_bytes(const Problem& problem, Pass pass, Dtype dtype) {
  return checked_multiply(compulsory_elements(problem.operands(pass)), size_of(dtype));
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
