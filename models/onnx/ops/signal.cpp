// Transforms and linear algebra.
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/product.h"

namespace flopmeter::onnx {
namespace {

Lowered lower_det(const NodeView& n) {
  return not_understood(fmt::format("no layer counts {}", n.proto.op));
}

/// The definition: rows of signals times a table of cosines and sines, which depends on the length alone. Of a complex
/// number the table has two rows, real and imaginary parts of what it becomes.
Lowered as_products(std::int64_t signals, std::int64_t in, std::int64_t out) {
  Lowered lowered;
  lowered.layers = {matmul_use({signals, in}, {in, out})};
  lowered.remark =
      "counted as the products of its definition, of which a fast transform takes fewer";
  return lowered;
}

std::size_t dft_axis(const NodeView& n) {
  const std::int64_t given = n.opset < 20              ? n.integer("axis", 1)
                             : n.content(2) != nullptr ? n.known_integers(2).at(0)
                                                       : -2;
  return n.axis(given, n.rank(0));
}

/// What is longer than the transform is cut off, what is missing is zeros.
Lowered lower_dft(const NodeView& n) {
  const auto x = n.sizes(0);
  const auto y = n.output_sizes();
  const std::size_t axis = dft_axis(n);
  std::int64_t signals = 1;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    signals = i == axis ? signals : checked_multiply(signals, x[i]);
  }
  const bool inverse = n.integer("inverse", 0) != 0;
  // One side stands for both: a real result of an inverse has all of it.
  if (inverse && n.integer("onesided", 0) != 0) {
    return not_understood("no layer counts the inverse of one side");
  }
  const std::int64_t length = n.has(1) ? n.known_integers(1).at(0) : x[axis];
  const std::int64_t in = std::min(x[axis], length);
  Lowered lowered = as_products(signals, checked_multiply(in, x.back()), y[axis] * 2);
  if (inverse) {
    const std::int64_t all = n.output_count();
    lowered.layers.push_back(binary_use("div", {all}, {1}, "length"));
  }
  return lowered;
}

/// The same of frames, each times the window where there is one.
Lowered lower_stft(const NodeView& n) {
  const auto x = n.sizes(0);
  const auto y = n.output_sizes();
  const std::int64_t length = n.has(3) ? n.known_integers(3).at(0) : n.sizes(2).at(0);
  const std::int64_t frames = checked_multiply(y[0], y[1]);
  const std::int64_t parts = x.size() > 2 ? x[2] : 1;
  const std::int64_t row = checked_multiply(length, parts);
  Lowered lowered = as_products(frames, row, y[2] * 2);
  if (n.has(2)) {
    lowered.layers.insert(lowered.layers.begin(),
                          binary_use("mul", {frames, length, parts}, {1, length, 1}, "window"));
    lowered.layers.back().label = "dft";
  }
  return lowered;
}

/// The axis is an attribute below opset 20. Real signals have one number each, results two.
void infer_dft(NodeView& n) {
  Dims out = n.dims(0);
  const std::size_t axis = dft_axis(n);
  if (n.has(1)) {
    out[axis] = n.content(1) != nullptr
                    ? n.integers(1).at(0)
                    : Dim::unknown(fmt::format("{}.length", n.proto.outputs.at(0)));
  }
  if (n.integer("onesided", 0) != 0) {
    out[axis] = floor_divide(out[axis], 2) + 1;
  }
  out.back() = n.integer("onesided", 0) != 0 && n.integer("inverse", 0) != 0 ? 1 : 2;
  n.set(0, n.in(0).elem, std::move(out));
}

void infer_stft(NodeView& n) {
  const Dims& x = n.dims(0);
  const Dim step = n.integers(1).at(0);
  const Dim length = n.has(3) ? n.integers(3).at(0) : n.dims(2).at(0);
  const Dim frames = floor_divide(x.at(1) - length, step) + 1;
  const Dim bins = n.integer("onesided", 1) != 0 ? floor_divide(length, 2) + 1 : length;
  n.set(0, n.in(0).elem, {x[0], frames, bins, 2});
}

void infer_det(NodeView& n) {
  const Dims& x = n.dims(0);
  if (x.size() < 2) {
    bad_input("its input has {} dimensions", x.size());
  }
  n.set(0, n.in(0).elem, {x.begin(), x.end() - 2});
}

constexpr std::array signal_rows{
    Operator{"", "DFT", infer_dft, lower_dft},
    Operator{"", "STFT", infer_stft, lower_stft},
    Operator{"", "Det", infer_det, lower_det},
};

}  // namespace

std::span<const Operator> signal_operators() { return signal_rows; }

}  // namespace flopmeter::onnx
