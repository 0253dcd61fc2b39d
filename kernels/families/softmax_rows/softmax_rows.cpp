#include "kernels/families/softmax_rows/softmax_rows.h"

#include <cmath>

namespace flopmeter::softmax_rows {

std::vector<Operand> operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> dims{s.mb, s.c};
  if (pass == Pass::forward) {
    return {{"src", dims, Role::input}, {"dst", dims, Role::output}};
  }
  return {{"dst", dims, Role::input},
          {"diff_dst", dims, Role::input},
          {"diff_src", dims, Role::output}};
}

double sum_roundings(const Shape& s) { return 4 + 2 * std::sqrt(static_cast<double>(s.c)); }

double largest_share(const Shape& s) {
  const double largest = std::exp(2.0);
  return largest / (largest + static_cast<double>(s.c - 1));
}

}  // namespace flopmeter::softmax_rows
