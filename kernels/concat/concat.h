// dst[n, :] = src0[n, :] followed by src1[n, :]        no arithmetic, only memory
#pragma once

#include <algorithm>

#include "kernels/layer.h"

namespace flopmeter::concat {

/// Two tensors put together: mb8a64b32 are 8 rows of 64 + 32 elements. As attention puts its cached
/// keys before the new ones, or a U-Net its skip connections beside its features.
struct Shape {
  std::int64_t mb, a, b;
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = concat::Shape;
  static constexpr std::string_view name = "concat";
  static constexpr std::string_view equation = "dst[n,:] = src0[n,:] followed by src1[n,:]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 9, "rows"},
      {"a", &Shape::a, unset, 1, 1, 40, "elements of a row of the first"},
      {"b", &Shape::b, unset, 1, 1, 40, "elements of a row of the second"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "a", "b"});

  static Shape complete(Shape);
  static std::vector<Variable> variables(const Shape& s) { return {{"c", checked_add(s.a, s.b)}}; }
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass) { return {}; }
  static Tolerance tolerance(const Shape&, Pass, Dtype) { return {}; }
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    const std::int64_t c = s.a + s.b;
    for (std::int64_t n = 0; n < s.mb; ++n) {
      if (pass == Pass::forward) {
        T* joined = std::copy_n(tensors["src0"] + n * s.a, s.a, tensors["dst"] + n * c);
        std::copy_n(tensors["src1"] + n * s.b, s.b, joined);
      } else {
        const T* joined = tensors["diff_dst"] + n * c;
        std::copy_n(joined, s.a, tensors["diff_src0"] + n * s.a);
        std::copy_n(joined + s.a, s.b, tensors["diff_src1"] + n * s.b);
      }
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::concat
