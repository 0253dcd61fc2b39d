// What every Eigen backend is tested for: the right result with one thread and with several, and
// counts as stated.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <variant>

#include "kernels/layer.h"

namespace flopmeter::eigen {

/// The truth, from the layer's own definition.
template <Layer L>
Tensors<double> truth(const typename L::Shape& shape, const Tensors<float>& tensors) {
  Tensors<double> exact(tensors);
  L::template reference<double>(shape, Pass::forward, exact);
  return exact;
}

template <Layer L, class T>
void expect_close(const typename L::Shape& shape, Tensors<T>& result, Tensors<double>& exact) {
  const Tolerance tolerance = L::tolerance(shape, Pass::forward, Dtype::f32);
  const double* want = exact["dst"];
  const T* results = result["dst"];
  for (std::int64_t i = 0; i < elements(L::operands(shape, Pass::forward).back()); ++i) {
    const auto got = static_cast<float>(results[i]);
    const double allowed = tolerance.absolute + tolerance.relative * std::abs(want[i]);
    ASSERT_TRUE(std::abs(got - want[i]) <= allowed)
        << print_shape<L>(shape) << " element " << i << " is " << got << ", not " << want[i];
  }
}

template <Layer L>
void expect_result(const typename L::Shape& shape, int threads) {
  Tensors<float> tensors(L::operands(shape, Pass::forward));
  fill(tensors, 7);
  Tensors<double> exact = truth<L>(shape, tensors);
  const auto backend = L::backends().at(1);
  Preparation preparation = backend.prepare(shape, Setup{.threads = threads}, tensors);
  std::get<Prepared>(preparation).run();
  std::get<Prepared>(preparation).run();  // again and again with the same result
  expect_close<L>(shape, tensors, exact);
}

template <Layer L>
void expect_counts_as_stated(const typename L::Shape& shape) {
  const auto backend = L::backends().at(1);
  Tensors<float> values(L::operands(shape, Pass::forward));
  fill(values, 7);
  Tensors<double> exact = truth<L>(shape, values);
  Tensors<Counted<float>> tensors(values);
  const OpCounts counts = count_operations([&] { backend.counted(shape, Pass::forward, tensors); });
  const OpCounts stated = backend.stated(shape, Pass::forward);
  for (const OpKind& kind : op_kinds) {
    ASSERT_EQ(counts.*kind.count, stated.*kind.count)
        << kind.name << " of " << print_shape<L>(shape);
  }
  expect_close<L>(shape, tensors, exact);
}

template <Layer L>
void expect_right(const std::string& text) {
  const auto shape = parse_shape<L>(text);
  expect_result<L>(shape, 1);
  expect_result<L>(shape, 2);
  expect_counts_as_stated<L>(shape);
}

/// Number types and passes that Eigen's backends do not have.
template <Layer L>
void expect_unavailable(const std::string& text) {
  const auto shape = parse_shape<L>(text);
  Tensors<float> tensors(L::operands(shape, Pass::forward));
  for (const Setup& setup : {Setup{.dtype = Dtype::bf16}, Setup{.dtype = Dtype::s8},
                             Setup{.pass = Pass::backward_data}}) {
    const Preparation preparation = L::backends().at(1).prepare(shape, setup, tensors);
    ASSERT_TRUE(std::holds_alternative<Unavailable>(preparation));
    EXPECT_NE(std::get<Unavailable>(preparation).reason, "");
  }
}

}  // namespace flopmeter::eigen
