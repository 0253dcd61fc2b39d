#include "bench/filter.h"

#include "kernels/bad_input.h"

namespace flopmeter {

std::regex parse_filter(const std::string& filter) {
  try {
    return std::regex(filter);
  } catch (const std::regex_error&) {
    bad_input("filter '{}' is no regular expression", filter);
  }
}

bool passes(const std::regex& filter, std::string_view name, std::string_view label) {
  return std::regex_search(fmt::format("{} {}", name, label), filter);
}

}  // namespace flopmeter
