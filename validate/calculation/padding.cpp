#include "validate/calculation/padding.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "validate/expression.h"

namespace flopmeter::calculation {
namespace {

constexpr std::array<char, 3> axis_letters{'d', 'h', 'w'};

/// "t" + axis: pairs of output and kernel positions that touch real input.
struct AxisTaps {
  char letter;
  std::int64_t all;
  Line line;
};

/// Walks the axis: the closed form in formulas, taps(), knows no gaps.
std::int64_t walked(const Problem& problem, char axis, bool transposed) {
  const auto of = [&](char key) {
    return dimension(problem, fmt::format("{}{}", key, axis)).value_or(key == 'd' ? 0 : 1);
  };
  const std::int64_t in = transposed ? of('o') : of('i');
  const std::int64_t out = transposed ? of('i') : of('o');
  std::int64_t taps = 0;
  for (std::int64_t o = 0; o < out; ++o) {
    for (std::int64_t k = 0; k < of('k'); ++k) {
      const std::int64_t x = o * of('s') - of('p') + k * (of('d') + 1);
      taps += x >= 0 && x < in ? 1 : 0;
    }
  }
  return taps;
}

constexpr std::int64_t longest_walk = 100'000'000;

std::vector<AxisTaps> axes_of(const Problem& problem, bool transposed) {
  std::vector<AxisTaps> axes;
  for (const char axis : axis_letters) {
    const auto out = dimension(problem, fmt::format("{}{}", transposed ? 'i' : 'o', axis));
    const auto kernel = dimension(problem, fmt::format("k{}", axis));
    if (!out || !kernel || *out > longest_walk / *kernel) {
      continue;
    }
    const std::int64_t all = *out * *kernel;
    const std::int64_t taps = walked(problem, axis, transposed);
    Line line{.name = fmt::format("t{}", axis), .unit = "pairs"};
    line.value = taps;
    line.numbers = fmt::format("{}*{} - {}", *out, *kernel, all - taps);
    line.remark = fmt::format(
        "pairs of a position along {} and a tap that touch real input; {} of {} lie in the padding",
        axis == 'd'   ? "the depth"
        : axis == 'h' ? "the height"
                      : "the width",
        all - taps, all);
    line.formula =
        fmt::format("{}{}*k{} - (pairs in the padding)", transposed ? 'i' : 'o', axis, axis);
    axes.push_back({axis, all, line});
  }
  return axes;
}

std::vector<Line> lines_of(const ClosedForm& dense, std::int64_t in_bounds,
                           const std::vector<AxisTaps>& axes) {
  std::string formula = "(every tap)";
  std::string numbers = fmt::format("{}", dense.value);
  std::int64_t rest = dense.value;
  std::vector<Line> lines;
  for (const AxisTaps& axis : axes) {
    if (axis.all == 0 || rest % axis.all != 0) {
      return {};
    }
    rest /= axis.all;
    lines.push_back(axis.line);
    formula += fmt::format(" / (all pairs along {0}) * t{0}", axis.letter);
    numbers += fmt::format("/{}*{}", axis.all, axis.line.value);
  }
  std::int64_t value = rest;
  for (const AxisTaps& axis : axes) {
    value = checked_multiply(value, axis.line.value);
  }
  if (axes.empty() || value != in_bounds) {
    return {};
  }
  lines.push_back(
      {"macs in bounds", formula, numbers, value, "MACs",
       fmt::format("padding takes away {} MACs: there a tap meets a zero that nobody stored",
                   dense.value - value)});
  return lines;
}

}  // namespace

std::vector<Line> padding_lines(const Problem& problem, const ClosedForm& dense,
                                std::int64_t in_bounds) {
  for (const bool transposed : {false, true}) {
    if (auto lines = lines_of(dense, in_bounds, axes_of(problem, transposed)); !lines.empty()) {
      return lines;
    }
  }
  return {};
}

}  // namespace flopmeter::calculation
