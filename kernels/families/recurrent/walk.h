// How the reference walks through the tensors of a recurrent layer.
#pragma once

#include <array>

#include "kernels/families/recurrent/shape.h"

namespace flopmeter::recurrent {

/// One direction of one layer.
struct Run {
  std::int64_t layer, direction, index;
  Lengths lengths;

  Run(const Shape& s, std::int64_t of_layer, std::int64_t in_direction)
      : layer(of_layer),
        direction(in_direction),
        index(of_layer * s.dir + in_direction),
        lengths(s) {}

  /// The i-th step that a sample takes; the reverse direction starts at its own last one.
  std::int64_t step(std::int64_t i, std::int64_t sample) const {
    return direction == 0 ? i : lengths.of(sample) - 1 - i;
  }
};

/// One sample in one step of a run.
struct Place {
  std::int64_t step, sample;
  std::int64_t at;       // in {t, mb}, or of packed samples in {tokens}
  std::int64_t in_run;   // in {runs, t, mb}
  std::int64_t before;   // the same of the step before; negative in the first step
  std::int64_t initial;  // in {runs, mb}

  Place(const Shape& s, const Run& run, std::int64_t i, std::int64_t n)
      : step(run.step(i, n)),
        sample(n),
        at(run.lengths.offset(step) + n),
        in_run(run.index * s.places() + at),
        before(i == 0 ? -1 : run.index * s.places() + run.lengths.offset(run.step(i - 1, n)) + n),
        initial(run.index * s.mb + n) {}
};

/// A row of the state before, from all of them or from the initial ones.
template <class T>
const T* row_before(const Place& place, const T* all, const T* initial, std::int64_t width) {
  return place.before >= 0 ? all + place.before * width : initial + place.initial * width;
}

/// The input of a run at one place: of the bottom layer a row of src, of the others the states of
/// the directions below that it sees, side by side.
template <class T>
struct InputRow {
  std::array<const T*, 2> parts;
  std::int64_t count = 1;  // of the parts
  std::int64_t length;     // of each

  InputRow(const Shape& s, const Run& run, std::int64_t at, const T* src, const T* states)
      : parts{src + at * s.slc, nullptr}, length(s.slc) {
    if (run.layer == 0) {
      return;
    }
    count = s.seen();
    length = s.width();
    for (std::int64_t d = 0; d < count; ++d) {
      const std::int64_t direction = count == s.dir ? d : run.direction;
      const std::int64_t below = (run.layer - 1) * s.dir + direction;
      parts[static_cast<std::size_t>(d)] = states + (below * s.places() + at) * length;
    }
  }

  const T* part(std::int64_t i) const { return parts[static_cast<std::size_t>(i)]; }
};

/// A sum that starts at the first thing added.
template <class T>
class Sum {
 public:
  void add(T term) {
    value_ = empty_ ? term : value_ + term;
    empty_ = false;
  }

  void add_products(const T* a, const T* b, std::int64_t length) {
    T sum = empty_ ? start_sum(a[0] * b[0]) : value_;
    for (std::int64_t i = empty_ ? 1 : 0; i < length; ++i) {
      sum += a[i] * b[i];
    }
    value_ = sum;
    empty_ = false;
  }

  T value() const { return value_; }

 private:
  T value_{};
  bool empty_ = true;
};

/// sums += factor * row; the first row starts the sums.
template <class T>
void accumulate(T factor, const T* row, bool starts, std::int64_t length, T* sums) {
  for (std::int64_t i = 0; starts && i < length; ++i) {
    sums[i] = start_sum(factor * row[i]);
  }
  for (std::int64_t i = 0; !starts && i < length; ++i) {
    sums[i] += factor * row[i];
  }
}

}  // namespace flopmeter::recurrent
