// Pooling in Eigen's arrays: the rows that a window spans are reduced to one row in packets, and
// then the columns of that row, so that a k x k window takes about 2k steps an output and not k^2.
#pragma once

#include <omp.h>

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/share.h"
#include "kernels/families/pooling/walk.h"
#include "kernels/operand.h"

namespace flopmeter::pooling {

template <class T>
using Row = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstRow = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using StridedRow =
    Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>, 0, Eigen::InnerStride<Eigen::Dynamic>>;

struct Sum {
  static constexpr float neutral = 0;
  template <class Into, class From>
  static void add(Into& into, const From& from) {
    into += from;
  }
};

struct Maximum {
  static constexpr float neutral = -std::numeric_limits<float>::infinity();
  template <class Into, class From>
  static void add(Into& into, const From& from) {
    into = into.max(from);
  }
};

/// A row of inputs with its padding beside it, which holds what changes no result, so that every
/// column of the window is taken at every output.
inline std::int64_t padded_length(const Axis& a) {
  return std::max(a.pad + a.in, a.input(a.out - 1, a.kernel - 1) + a.pad + 1);
}
inline std::int64_t padded_length(const AdaptiveAxis& a) { return a.in; }
inline std::int64_t pad_before(const Axis& a) { return a.pad; }
inline std::int64_t pad_before(const AdaptiveAxis&) { return 0; }

/// The columns of all windows along a row.
template <class Reduce, class T>
void reduce_columns(const Axis& a, const T* row, T* y) {
  Row<T> outputs(y, a.out);
  for (std::int64_t j = 0; j < a.kernel; ++j) {
    const T* from = row + j * (a.gap + 1);
    if (j == 0) {
      outputs = StridedRow<T>(from, a.out, Eigen::InnerStride<Eigen::Dynamic>(a.stride));
    } else if (a.stride == 1) {
      Reduce::add(outputs, ConstRow<T>(from, a.out));
    } else {
      Reduce::add(outputs,
                  StridedRow<T>(from, a.out, Eigen::InnerStride<Eigen::Dynamic>(a.stride)));
    }
  }
}
template <class, class T>
void reduce_columns(const AdaptiveAxis& a, const T* row, T* y) {
  for (std::int64_t o = 0; o < a.out; ++o) {
    const Window w = window(a, o);
    y[o] = ConstRow<T>(row + w.first, w.count).sum();
  }
}

/// Operations of that along one row.
inline std::int64_t column_steps(const Axis& a) { return checked_multiply(a.kernel - 1, a.out); }
inline std::int64_t column_steps(const AdaptiveAxis& a) { return taps(a) - a.out; }

/// Operations (adds or comparisons) of one plane: of m rows m - 1 are reduced over their whole
/// length, whether or not a window uses all of it; then the columns, those in the padding too.
/// Throws CountOverflow.
template <class A>
std::int64_t reduction_steps(const Space<A>& axes) {
  const auto& [d, h, w] = axes;
  const std::int64_t rows = checked_multiply(d.out, h.out);
  return checked_add(checked_multiply(checked_multiply(taps(d), taps(h)) - rows, w.in),
                     checked_multiply(rows, column_steps(w)));
}

/// What the sums of a window are divided by: its width times, unless the width is all there is to
/// it, its rows. No widths: they are not divided.
struct Divisors {
  std::vector<float> widths;
  bool times_rows = true;
};

/// The number of real inputs in each window.
template <class A>
Divisors real_inputs(const Space<A>& axes) {
  Divisors divisors;
  for (std::int64_t x = 0; x < axes[2].out; ++x) {
    divisors.widths.push_back(static_cast<float>(window(axes[2], x).count));
  }
  return divisors;
}

template <class Reduce, class A, class T>
class Pooling {
 public:
  Pooling(const Space<A>& axes, std::int64_t planes, Tensors<T>& tensors, int threads,
          Divisors divisors = {})
      : axes_(axes),
        planes_(planes),
        src_(tensors["src"]),
        dst_(tensors["dst"]),
        threads_(threads),
        divisors_(std::move(divisors)) {
    const auto length = static_cast<std::size_t>(padded_length(axes[2]));
    rows_.assign(static_cast<std::size_t>(threads), AlignedVector<T>(length, T(Reduce::neutral)));
    quotients_.assign(static_cast<std::size_t>(threads), AlignedVector<T>(divisors_.widths.size()));
  }

  void operator()() {
    eigen::share(planes_, threads_, [&](std::int64_t plane) {
      const auto thread = static_cast<std::size_t>(omp_get_thread_num());
      const T* x = src_ + plane * axes_[0].in * axes_[1].in * axes_[2].in;
      T* y = dst_ + plane * axes_[0].out * axes_[1].out * axes_[2].out;
      for (std::int64_t oz = 0; oz < axes_[0].out; ++oz) {
        for (std::int64_t oy = 0; oy < axes_[1].out; ++oy, y += axes_[2].out) {
          const Window deep = window(axes_[0], oz);
          const Window high = window(axes_[1], oy);
          reduce_rows(x, deep, high, rows_[thread].data() + pad_before(axes_[2]));
          reduce_columns<Reduce>(axes_[2], rows_[thread].data(), y);
          divide(deep.count * high.count, quotients_[thread].data(), y);
        }
      }
    });
  }

 private:
  void reduce_rows(const T* x, const Window& deep, const Window& high, T* row) const {
    Row<T> sums(row, axes_[2].in);
    for (std::int64_t z = 0; z < deep.count; ++z) {
      for (std::int64_t y = 0; y < high.count; ++y) {
        const std::int64_t at = deep.input(z) * axes_[1].in + high.input(y);
        const ConstRow<T> inputs(x + at * axes_[2].in, axes_[2].in);
        if (z == 0 && y == 0) {
          sums = inputs;
        } else {
          Reduce::add(sums, inputs);
        }
      }
    }
  }

  /// The divisors are constants of the shape: their product is not counted.
  void divide(std::int64_t rows, T* quotients, T* y) const {
    if (divisors_.widths.empty()) {
      return;
    }
    const float factor = divisors_.times_rows ? static_cast<float>(rows) : 1.0F;
    for (std::size_t x = 0; x < divisors_.widths.size(); ++x) {
      quotients[x] = T(divisors_.widths[x] * factor);
    }
    Row<T> outputs(y, axes_[2].out);
    outputs = outputs / Row<T>(quotients, axes_[2].out);
  }

  Space<A> axes_;
  std::int64_t planes_;
  const T* src_;
  T* dst_;
  int threads_;
  Divisors divisors_;
  std::vector<AlignedVector<T>> rows_;       // one a thread
  std::vector<AlignedVector<T>> quotients_;  // one a thread
};

}  // namespace flopmeter::pooling
