// One spatial axis of a convolution: which taps of which outputs touch real input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace flopmeter::conv {

/// Kernel positions begin <= i < end.
struct TapRange {
  std::int64_t begin;
  std::int64_t end;
};

/// Output positions begin <= o < end.
struct OutputRange {
  std::int64_t begin;
  std::int64_t end;

  std::int64_t length() const { return end - begin; }
};

/// in, out, kernel: lengths. stride, pad (before the first input), gap (0 for a dense kernel).
struct Axis {
  std::int64_t in;
  std::int64_t out;
  std::int64_t kernel;
  std::int64_t stride;
  std::int64_t pad;
  std::int64_t gap;

  bool operator==(const Axis&) const = default;

  /// Input length that the kernel spans, gaps included. Throws CountOverflow.
  std::int64_t span() const;
  /// Padding after the last input that the output length asks for; negative where the last inputs
  /// are not used. Throws CountOverflow.
  std::int64_t pad_after() const;
  /// Output length when the padding is `pad` on both sides; 0 where the kernel does not fit.
  std::int64_t default_out() const;
  /// The axis with its padding laid out as real input. Throws CountOverflow.
  Axis padded_out() const;
  /// Input and output swapped: that of the transposed convolution.
  Axis mirrored() const { return {out, in, kernel, stride, pad, gap}; }

  /// The input position of tap i of output o; outside 0 <= . < in it lies in the padding.
  std::int64_t input(std::int64_t o, std::int64_t i) const {
    return o * stride - pad + i * (gap + 1);
  }
  /// The taps of output o that touch real input. They are contiguous.
  TapRange taps(std::int64_t o) const {
    const std::int64_t start = input(o, 0);
    const std::int64_t step = gap + 1;
    const std::int64_t begin = start < 0 ? (-start + step - 1) / step : 0;
    const std::int64_t end = start < in ? (in - start + step - 1) / step : 0;
    return {begin < kernel ? begin : kernel, end < kernel ? (end > begin ? end : begin) : kernel};
  }

  /// The outputs whose tap i touches real input. They are contiguous.
  OutputRange outputs(std::int64_t i) const {
    const std::int64_t low = pad - i * (gap + 1);
    const std::int64_t begin = low <= 0 ? 0 : std::min((low - 1) / stride + 1, out);
    const std::int64_t end = low + in <= 0 ? 0 : std::min((low + in - 1) / stride + 1, out);
    return {begin, end};
  }

  /// The output whose tap i touches input x, or -1.
  std::int64_t output(std::int64_t x, std::int64_t i) const {
    const std::int64_t from_first = x + pad - i * (gap + 1);
    const bool exists = from_first >= 0 && from_first % stride == 0 && from_first / stride < out;
    return exists ? from_first / stride : -1;
  }

  /// The outputs whose tap i touches an input that no tap before i touches. Taps i - stride / c, c
  /// being the common divisor of stride and gap + 1, and i touch the same class of inputs, and
  /// those before it nothing beyond.
  OutputRange first_outputs(std::int64_t i) const {
    const std::int64_t common = std::gcd(stride, gap + 1);
    const std::int64_t before = i - stride / common;
    OutputRange range = outputs(i);
    if (before >= 0) {
      const std::int64_t from = outputs(before).end - (gap + 1) / common;
      range.begin = std::clamp(from, range.begin, range.end);
    }
    return range;
  }

  /// The most taps that touch one input.
  std::int64_t taps_of_input() const {
    return std::min((kernel - 1) / (stride / std::gcd(stride, gap + 1)) + 1, out);
  }

  /// Over all outputs: taps that touch real input, and how many outputs, inputs and positions in
  /// the kernel have a part in at least one of them.
  struct Coverage {
    std::int64_t taps;
    std::int64_t outputs;
    std::int64_t inputs;
    std::int64_t kernel;

    bool operator==(const Coverage&) const = default;
  };
  Coverage coverage() const;
};

}  // namespace flopmeter::conv
