// How the tests of both layers run the reference.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "kernels/families/softmax_rows/softmax_rows.h"

namespace flopmeter::softmax_rows {

/// y and dx of one row of two, in double.
template <class L>
std::pair<std::array<double, 2>, std::array<double, 2>> pair(const std::array<double, 2>& x,
                                                             const std::array<double, 2>& dy) {
  std::pair<std::array<double, 2>, std::array<double, 2>> result;
  L::forward_row(2, x.data(), result.first.data());
  L::backward_row(2, result.first.data(), dy.data(), result.second.data());
  return result;
}

/// What the reference does, which the formula must say as well.
template <class L>
OpCounts counts(std::string_view text, Pass pass) {
  const Shape s = parse_shape<L>(text);
  Tensors<Counted<float>> zeros(L::operands(s, pass));
  const OpCounts counted = count_operations([&] { L::reference(s, pass, zeros); });
  EXPECT_EQ(counted, L::formula(s, pass).in_bounds);
  return counted;
}

}  // namespace flopmeter::softmax_rows
