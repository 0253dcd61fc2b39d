// Taps outside, outputs inside, so that the inner loops run along contiguous rows. Each takes only
// the outputs whose tap touches real input.
#include <vector>

#include "counters/counted.h"
#include "kernels/families/conv/reference.h"

namespace flopmeter::conv {
namespace {

/// One tap of a kernel, and the outputs for which it touches real input.
struct Tap {
  std::int64_t k, i, j;
  OutputRange planes, rows, columns;
};

std::vector<Tap> all_taps(const Shape& s) {
  std::vector<Tap> taps;
  for (std::int64_t k = 0; k < s.kd; ++k) {
    for (std::int64_t i = 0; i < s.kh; ++i) {
      for (std::int64_t j = 0; j < s.kw; ++j) {
        taps.push_back(
            {k, i, j, s.depth().outputs(k), s.vertical().outputs(i), s.horizontal().outputs(j)});
      }
    }
  }
  return taps;
}

/// sums[o] += the products of column o in one plane. One sum a column, because then the inner loop
/// is not one long chain of adds.
template <class T>
void correlate_plane(const Shape& s, const Tap& tap, std::int64_t oz, const T* x, const T* y,
                     bool started, T* sums) {
  const Axis axis = s.horizontal();
  for (std::int64_t oy = tap.rows.begin; oy < tap.rows.end; ++oy, started = true) {
    const T* y_row = y + s.output_row(oz, oy);
    const T* x_row = x + s.input_row(s.depth().input(oz, tap.k), s.vertical().input(oy, tap.i));
    for (std::int64_t o = tap.columns.begin; !started && o < tap.columns.end; ++o) {
      sums[o] = start_sum(x_row[axis.input(o, tap.j)] * y_row[o]);
    }
    for (std::int64_t o = tap.columns.begin; started && o < tap.columns.end; ++o) {
      sums[o] += x_row[axis.input(o, tap.j)] * y_row[o];
    }
  }
}

/// One weight; x and y are its channels of the first sample. Merging the columns takes the adds
/// that starting each of them has saved.
template <class T>
T correlate_tap(const Shape& s, const Tap& tap, const T* x, const T* y, T* sums) {
  if (tap.planes.length() * tap.rows.length() * tap.columns.length() == 0) {
    return T(0);
  }
  bool started = false;
  for (std::int64_t n = 0; n < s.mb; ++n, x += s.ic * s.in_pixels(), y += s.oc * s.out_pixels()) {
    for (std::int64_t oz = tap.planes.begin; oz < tap.planes.end; ++oz) {
      correlate_plane(s, tap, oz, x, y, started, sums);
      started = true;
    }
  }
  T sum = sums[tap.columns.begin];
  for (std::int64_t o = tap.columns.begin + 1; o < tap.columns.end; ++o) {
    sum += sums[o];
  }
  return sum;
}

}  // namespace

template <class T>
void Loops<T>::correlate(const Shape& s, const T* x, const T* y, T* w) {
  const std::int64_t channels = s.ic / s.g;
  const std::vector<Tap> taps = all_taps(s);
  std::vector<T> sums(static_cast<std::size_t>(s.ow));
  for (std::int64_t o = 0; o < s.oc; ++o) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const T* x_plane = x + (o / (s.oc / s.g) * channels + c) * s.in_pixels();
      for (const Tap& tap : taps) {
        *w++ = correlate_tap(s, tap, x_plane, y + o * s.out_pixels(), sums.data());
      }
    }
  }
}

template <class T>
void Loops<T>::sum_outputs(const Shape& s, const T* y, T* sums) {
  for (std::int64_t plane = 0; plane < s.mb * s.oc; ++plane, y += s.out_pixels()) {
    T& sum = sums[plane % s.oc];
    sum = plane < s.oc ? y[0] : sum + y[0];
    for (std::int64_t i = 1; i < s.out_pixels(); ++i) {
      sum += y[i];
    }
  }
}

// Of what is defined here.
template struct Loops<float>;
template struct Loops<double>;
template struct Loops<Counted<float>>;
template struct Loops<Counted<double>>;

}  // namespace flopmeter::conv
