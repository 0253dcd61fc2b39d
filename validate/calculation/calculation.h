// How a count is worked out on paper: the closed form in the layer's own dimensions, the numbers put
// in, and the value, line by line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/case.h"

namespace flopmeter::calculation {

/// name = formula = numbers = value. `formula` is empty where no closed form is known: the value is
/// what was counted, and `remark` says why there is none.
struct Line {
  std::string name = {};
  std::string formula = {};
  std::string numbers = {};
  std::int64_t value = 0;
  std::string unit = {};
  std::string remark = {};
};

/// A dimension that the formulas use.
struct Dimension {
  std::string name = {};
  std::int64_t value = 0;
  std::string meaning = {};
};

/// One layer's calculation.
struct Part {
  std::string title = {};
  std::string equation = {};
  std::vector<Dimension> dimensions = {};
  std::vector<Line> lines = {};
  std::vector<std::string> remarks = {};
};

/// A layer that is made of others has one part for each, and lines of their sums.
struct Calculation {
  std::string title = {};
  std::string equation = {};
  std::vector<Part> parts = {};
  std::vector<Line> sums = {};
  std::vector<Line> conventions = {};
  std::vector<std::string> remarks = {};

  /// Every line, in the order of reading.
  std::vector<Line> lines() const;
};

/// Closed forms are inferred from counts (validate/fit) and hold for this shape, or are not shown.
Calculation calculate(const Problem& problem, Pass pass);

std::string to_text(const Calculation&);
/// With formulas in LaTeX.
std::string to_markdown(const Calculation&);

}  // namespace flopmeter::calculation
