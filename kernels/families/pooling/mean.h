// Means over windows, whatever their sizes: the definition and the counts of avg_pool and
// adaptive_avg_pool.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/dtype.h"
#include "kernels/families/pooling/walk.h"
#include "kernels/formula.h"
#include "kernels/operand.h"

namespace flopmeter::pooling {

/// One plane. `divisor` is a function of a window.
template <class A, class Divisor, class T>
void mean_of_plane(const Space<A>& axes, const Divisor& divisor, const T* x, T* y) {
  for_each_output(axes, [&](std::int64_t o, const auto& position) {
    const Space<Window> w = windows(axes, position);
    T sum(0);
    bool started = false;
    for_each_input(axes, w, [&](std::int64_t i, const auto&) {
      sum = started ? sum + x[i] : x[i];
      started = true;
    });
    y[o] = sum / T(static_cast<double>(divisor(w)));
  });
}

template <class A, class Divisor, class T>
void spread_over_plane(const Space<A>& axes, const Divisor& divisor, const T* dy, T* dx) {
  std::fill_n(dx, axes[0].in * axes[1].in * axes[2].in, T(0));
  for_each_output(axes, [&](std::int64_t o, const auto& position) {
    const Space<Window> w = windows(axes, position);
    const T share = dy[o] / T(static_cast<double>(divisor(w)));
    for_each_input(axes, w, [&](std::int64_t i, const auto&) { dx[i] += share; });
  });
}

template <class A, class Divisor, class T>
void mean(const Space<A>& axes, std::int64_t planes, Pass pass, const Divisor& divisor,
          Tensors<T>& tensors) {
  const std::int64_t inputs = volume(lengths(axes, &A::in));
  const std::int64_t outputs = volume(lengths(axes, &A::out));
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    if (pass == Pass::forward) {
      mean_of_plane(axes, divisor, tensors["src"] + plane * inputs,
                    tensors["dst"] + plane * outputs);
    } else {
      spread_over_plane(axes, divisor, tensors["diff_dst"] + plane * outputs,
                        tensors["diff_src"] + plane * inputs);
    }
  }
}

/// What that comes to for so many outputs that see so many inputs, all together.
inline OpCounts mean_counts(Pass pass, std::int64_t taps, std::int64_t outputs) {
  return {.adds = pass == Pass::forward ? taps - outputs : taps, .divides = outputs};
}

}  // namespace flopmeter::pooling
