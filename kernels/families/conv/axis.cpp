#include "kernels/families/conv/axis.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "counters/op_counts.h"

namespace flopmeter::conv {
namespace {

std::int64_t minus(std::int64_t from, std::int64_t times, std::int64_t step) {
  return checked_add(from, -checked_multiply(times, step));
}

std::int64_t ceiling(std::int64_t numerator, std::int64_t denominator) {
  return numerator / denominator + (numerator % denominator > 0 ? 1 : 0);
}

/// 0 + 1 + ... + (n - 1).
std::int64_t triangle(std::int64_t n) {
  return n % 2 == 0 ? checked_multiply(n / 2, n - 1) : checked_multiply(n, (n - 1) / 2);
}

// sum over 0 <= j < n of floor((first + j * step) / by), all of them at least 0, in as many turns as
// Euclid's algorithm takes on step and by: what is left after whole quotients are the lattice points
// below a line, which are as many with the axes exchanged.
std::int64_t sum_of_quotients(std::int64_t n, std::int64_t by, std::int64_t step,
                              std::int64_t first) {
  std::int64_t sum = 0;
  while (n > 0) {
    if (step >= by) sum = checked_add(sum, checked_multiply(triangle(n), step / by));
    if (first >= by) sum = checked_add(sum, checked_multiply(n, first / by));
    step %= by;
    first %= by;
    const std::int64_t top = checked_add(checked_multiply(step, n), first);
    n = top / by;
    first = top % by;
    std::swap(by, step);
  }
  return sum;
}

/// Pairs of 0 <= o < outs and 0 <= i < ins with 0 <= o * out_step + i * in_step - before < length.
struct Grid {
  std::int64_t outs;
  std::int64_t out_step;
  std::int64_t ins;
  std::int64_t in_step;
  std::int64_t length;
  std::int64_t before;

  std::int64_t pairs() const { return below(checked_add(before, length)) - below(before); }

  /// The o with a pair. Where `length` is no shorter than the step of i none is stepped over: they
  /// are those whose first i is not too far and whose last one is far enough.
  std::int64_t lines() const {
    if (length < in_step) return pairs();
    const std::int64_t end = checked_add(before, length);
    return outs_below(end) - outs_below(minus(before, ins - 1, in_step));
  }

 private:
  /// The o with o * out_step < bound.
  std::int64_t outs_below(std::int64_t bound) const {
    return std::clamp<std::int64_t>(ceiling(bound, out_step), 0, outs);
  }

  /// Pairs with o * out_step + i * in_step < bound: every o of the first i, then fewer and fewer.
  std::int64_t below(std::int64_t bound) const {
    const auto ins_below = [&](std::int64_t end) {
      return std::clamp<std::int64_t>(ceiling(end, in_step), 0, ins);
    };
    if (outs == 0 || ins == 0) return 0;
    const std::int64_t full = ins_below(minus(bound, outs - 1, out_step));
    const std::int64_t some = ins_below(bound);
    if (some == full) return checked_multiply(outs, full);
    const std::int64_t least = minus(bound, some - 1, in_step);  // of the last i, at least 1
    return checked_add(
        checked_multiply(outs, full),
        sum_of_quotients(some - full, out_step, in_step, checked_add(least, out_step - 1)));
  }
};

}  // namespace

std::int64_t Axis::span() const {
  return checked_add(checked_multiply(kernel - 1, checked_add(gap, 1)), 1);
}

std::int64_t Axis::pad_after() const {
  return checked_add(checked_multiply(out - 1, stride), span()) - in - pad;
}

std::int64_t Axis::default_out() const {
  const std::int64_t padded = checked_add(in, checked_multiply(2, pad));
  return padded < span() ? 0 : (padded - span()) / stride + 1;
}

Axis Axis::padded_out() const {
  Axis padded = *this;
  padded.in = checked_add(checked_add(in, pad), std::max<std::int64_t>(pad_after(), 0));
  padded.pad = 0;
  return padded;
}

Axis::Coverage Axis::coverage() const {
  const std::int64_t step = checked_add(gap, 1);
  const Grid all{out, stride, kernel, step, in, pad};
  const std::int64_t taps = all.pairs();
  // Taps i - stride / c and i, c being the common divisor of stride and step, touch the same class
  // of inputs, all but the last step / c of what i touches.
  const std::int64_t common = std::gcd(stride, step);
  const std::int64_t first = std::min(kernel, stride / common);
  const std::int64_t last = std::min(out, step / common);
  const Grid first_taps{out, stride, first, step, in, pad};
  const Grid others{last, stride, kernel - first,
                    step, in,     minus(minus(pad, first, step), out - last, stride)};
  return {taps, all.lines(), checked_add(first_taps.pairs(), others.pairs()),
          Grid{kernel, step, out, stride, in, pad}.lines()};
}

}  // namespace flopmeter::conv
