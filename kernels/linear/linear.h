// y[n,o] = b[o] + sum_i x[n,i] * w[o,i]        x: mb x (ic*id*ih*iw), w: oc x (ic*id*ih*iw), y: mb
// x oc
#pragma once

#include "kernels/layer.h"

namespace flopmeter::linear {

/// An inner product, written as benchdnn's: mb32ic512oc1000, mb1ic512ih7oc4096.
struct Shape {
  std::int64_t mb, ic, id, ih, iw, oc, bias;

  /// Length of the sum: the flattened input features. Throws CountOverflow.
  std::int64_t features() const { return checked_product(ic, id, ih, iw); }
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = linear::Shape;
  static constexpr std::string_view name = "linear";
  static constexpr std::string_view equation = "y[n,o] = b[o] + sum_i x[n,i] * w[o,i]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 9, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 40, "input features"},
      {"id", &Shape::id, unset, 1, 1, 2, "input depth, flattened into the features"},
      {"ih", &Shape::ih, unset, 1, 1, 3, "input height, flattened into the features"},
      {"iw", &Shape::iw, unset, 1, 1, 3, "input width, flattened into the features"},
      {"oc", &Shape::oc, unset, 1, 1, 40, "output features"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1 with bias, 0 without"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "ic", "oc"});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape& shape) { return shape; }
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& tensors) {
    const std::int64_t features = s.features();
    const T* bias = tensors["bias"];
    for (std::int64_t n = 0; n < s.mb; ++n) {
      for (std::int64_t o = 0; o < s.oc; ++o) {
        const T* x = tensors["src"] + n * features;
        const T* w = tensors["weights"] + o * features;
        T sum = bias != nullptr ? bias[o] : start_sum(x[0] * w[0]);
        for (std::int64_t i = bias != nullptr ? 0 : 1; i < features; ++i) {
          sum += x[i] * w[i];
        }
        tensors["dst"][n * s.oc + o] = sum;
      }
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::linear
