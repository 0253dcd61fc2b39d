#include "counters/executed/arithmetic/names.h"

#include <fmt/format.h>

#include <bit>

namespace flopmeter::executed {
namespace {

// In the order of the enumerations, and of lanes 0, 1, 2, 4, ...
constexpr std::array<std::string_view, operation_count> operations{
    "none",    "add",     "multiply", "fma",   "dot",         "divide", "square_root",
    "min_max", "compare", "convert",  "round", "approximate", "other"};
constexpr std::array<std::string_view, element_count> elements{"none", "f16", "bf16", "f32", "f64",
                                                               "f80",  "i8",  "i16",  "i32", "i64"};
constexpr std::array<std::string_view, 8> lane_counts{"tile", "x1",  "x2",  "x4",
                                                      "x8",   "x16", "x32", "x64"};

}  // namespace

std::string_view to_string(Operation operation) {
  return operations.at(static_cast<std::size_t>(operation));
}

std::string_view to_string(Element element) {
  return elements.at(static_cast<std::size_t>(element));
}

std::string_view lanes_to_string(std::uint8_t lanes) {
  return lane_counts.at(static_cast<std::size_t>(std::bit_width(lanes)));
}

std::string to_string(const Arithmetic& arithmetic) {
  std::string text = fmt::format("{} {} {}", to_string(arithmetic.operation),
                                 to_string(arithmetic.element), lanes_to_string(arithmetic.lanes));
  if (arithmetic.products > 1) {
    text += fmt::format(" of {}", arithmetic.products);
  }
  return text;
}

}  // namespace flopmeter::executed
