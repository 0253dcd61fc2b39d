// Taps outside, outputs inside, so that the inner loops run along contiguous rows. Each takes only
// the outputs whose tap touches real input.
#include <algorithm>
#include <vector>

#include "counters/counted.h"
#include "kernels/families/conv/reference.h"

namespace flopmeter::conv {
namespace {

/// One kernel row. Where no sum has been started, the first tap of each input starts it.
template <class T>
void scatter_row(const Axis& axis, const T* y, const T* w, bool started, T* x) {
  for (std::int64_t j = 0; j < axis.kernel; ++j) {
    const OutputRange outputs = axis.outputs(j);
    const std::int64_t split = started ? outputs.end : axis.first_outputs(j).begin;
    const T tap = w[j];
    for (std::int64_t o = outputs.begin; o < split; ++o) {
      x[axis.input(o, j)] += y[o] * tap;
    }
    for (std::int64_t o = split; o < outputs.end; ++o) {
      x[axis.input(o, j)] = start_sum(y[o] * tap);
    }
  }
}

/// A row of the kernel and the row of outputs that it connects with a row of inputs.
struct RowPair {
  std::int64_t kernel;
  std::int64_t output;
};

using RowPairs = std::vector<RowPair>;

RowPairs pairs_of_row(const Shape& s, std::int64_t iz, std::int64_t iy) {
  RowPairs rows;
  for (std::int64_t k = 0; k < s.kd; ++k) {
    const std::int64_t oz = s.depth().output(iz, k);
    for (std::int64_t i = 0; oz >= 0 && i < s.kh; ++i) {
      const std::int64_t oy = s.vertical().output(iy, i);
      if (oy >= 0) {
        rows.push_back({s.kernel_row(k, i), s.output_row(oz, oy)});
      }
    }
  }
  return rows;
}

std::vector<RowPairs> pairs_of_rows(const Shape& s) {
  std::vector<RowPairs> all;
  for (std::int64_t iz = 0; iz < s.id; ++iz) {
    for (std::int64_t iy = 0; iy < s.ih; ++iy) {
      all.push_back(pairs_of_row(s, iz, iy));
    }
  }
  return all;
}

/// An input row of one channel; y and w begin at the first output channel of its group.
template <class T>
void scatter_rows(const Shape& s, const RowPairs& rows, const T* y, const T* w, const T* bias,
                  T* x) {
  std::fill_n(x, s.iw, bias != nullptr ? *bias : T(0));
  bool started = bias != nullptr;
  const std::int64_t filter = s.ic / s.g * s.taps();
  for (std::int64_t o = 0; o < s.oc / s.g; ++o, y += s.out_pixels(), w += filter) {
    for (const RowPair& row : rows) {
      scatter_row(s.horizontal(), y + row.output, w + row.kernel, started, x);
      started = true;
    }
  }
}

}  // namespace

template <class T>
void Loops<T>::scatter(const Shape& s, const T* y, const T* w, const T* bias, T* x) {
  const std::int64_t channels = s.ic / s.g;
  const std::int64_t outputs = s.oc / s.g;
  const std::vector<RowPairs> rows = pairs_of_rows(s);
  for (std::int64_t n = 0; n < s.mb; ++n, y += s.oc * s.out_pixels()) {
    for (std::int64_t c = 0; c < s.ic; ++c) {
      const std::int64_t first = c / channels * outputs;  // of the group
      const T* filter = w + (first * channels + c % channels) * s.taps();
      for (const RowPairs& pairs : rows) {
        scatter_rows(s, pairs, y + first * s.out_pixels(), filter,
                     bias != nullptr ? bias + c : nullptr, x);
        x += s.iw;
      }
    }
  }
}

// Of what is defined here.
template struct Loops<float>;
template struct Loops<double>;
template struct Loops<Counted<float>>;
template struct Loops<Counted<double>>;

}  // namespace flopmeter::conv
