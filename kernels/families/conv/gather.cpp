// Taps outside, outputs inside, so that the inner loops run along contiguous rows. Each takes only
// the outputs whose tap touches real input.
#include <algorithm>

#include "counters/counted.h"
#include "kernels/families/conv/reference.h"

namespace flopmeter::conv {
namespace {

/// One kernel row. Where no sum has been started, the first tap of each output starts it: tap j is
/// the first of those outputs that the taps before it, which reach further right, do not touch.
template <class T>
void gather_row(const Axis& axis, const T* x, const T* w, bool started, T* y) {
  std::int64_t started_from = started ? 0 : axis.out;
  for (std::int64_t j = 0; j < axis.kernel; ++j) {
    const OutputRange outputs = axis.outputs(j);
    const std::int64_t split = std::clamp(started_from, outputs.begin, outputs.end);
    const T tap = w[j];
    for (std::int64_t o = outputs.begin; o < split; ++o) {
      y[o] = start_sum(x[axis.input(o, j)] * tap);
    }
    for (std::int64_t o = split; o < outputs.end; ++o) {
      y[o] += x[axis.input(o, j)] * tap;
    }
    started_from = std::min(started_from, outputs.begin);
  }
}

/// The output row (oz, oy) of one channel; x and w are its group's.
template <class T>
void gather_rows(const Shape& s, const T* x, const T* w, const T* bias, std::int64_t oz,
                 std::int64_t oy, T* y) {
  std::fill_n(y, s.ow, bias != nullptr ? *bias : T(0));
  bool started = bias != nullptr;
  const TapRange planes = s.depth().taps(oz);
  const TapRange rows = s.vertical().taps(oy);
  for (std::int64_t c = 0; c < s.ic / s.g; ++c, x += s.in_pixels(), w += s.taps()) {
    for (std::int64_t k = planes.begin; k < planes.end; ++k) {
      for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        const std::int64_t from = s.input_row(s.depth().input(oz, k), s.vertical().input(oy, i));
        gather_row(s.horizontal(), x + from, w + s.kernel_row(k, i), started, y);
        started = true;
      }
    }
  }
}

}  // namespace

template <class T>
void Loops<T>::gather(const Shape& s, const T* x, const T* w, const T* bias, T* y) {
  const std::int64_t channels = s.ic / s.g;
  for (std::int64_t n = 0; n < s.mb; ++n) {
    for (std::int64_t o = 0; o < s.oc; ++o) {
      const T* group = x + (n * s.ic + o / (s.oc / s.g) * channels) * s.in_pixels();
      const T* filter = w + o * channels * s.taps();
      for (std::int64_t oz = 0; oz < s.od; ++oz) {
        for (std::int64_t oy = 0; oy < s.oh; ++oy, y += s.ow) {
          gather_rows(s, group, filter, bias != nullptr ? bias + o : nullptr, oz, oy, y);
        }
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
