// Transforms and linear algebra.
#include <array>

#include "models/onnx/operator.h"

namespace flopmeter::onnx {
namespace {

Lowered lower_transform(const NodeView& n) {
  return not_understood(fmt::format("no layer counts {}", n.proto.op));
}

/// The axis is an attribute below opset 20. Real signals have one number each, results two.
void infer_dft(NodeView& n) {
  Dims out = n.dims(0);
  const std::int64_t rank = n.rank(0);
  const std::int64_t given = n.opset < 20              ? n.integer("axis", 1)
                             : n.content(2) != nullptr ? n.known_integers(2).at(0)
                                                       : -2;
  const std::size_t axis = n.axis(given, rank);
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
    Operator{"", "DFT", infer_dft, lower_transform},
    Operator{"", "STFT", infer_stft, lower_transform},
    Operator{"", "Det", infer_det, lower_transform},
};

}  // namespace

std::span<const Operator> signal_operators() { return signal_rows; }

}  // namespace flopmeter::onnx
