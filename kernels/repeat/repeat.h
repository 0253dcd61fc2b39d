// dst[n,r,:] = src[n,:] for r < times        no arithmetic, only memory; dx = sum_r dy[n,r,:]
#pragma once

#include <algorithm>

#include "kernels/layer.h"

namespace flopmeter::repeat {

/// mb16times8c64: each of 16 rows of 64 elements eight times, as one key that all heads share.
struct Shape {
  std::int64_t mb, times, c;
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = repeat::Shape;
  static constexpr std::string_view name = "repeat";
  static constexpr std::string_view equation = "dst[n,r,:] = src[n,:]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 9, "rows"},
      {"times", &Shape::times, unset, 1, 1, 6, "copies of each row"},
      {"c", &Shape::c, unset, 1, 1, 40, "elements of a row"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "times", "c"});

  static Shape complete(Shape);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    for (std::int64_t row = 0; row < s.mb * s.times; ++row) {
      const std::int64_t from = row / s.times * s.c;
      if (pass == Pass::forward) {
        std::copy_n(tensors["src"] + from, s.c, tensors["dst"] + row * s.c);
        continue;
      }
      const T* part = tensors["diff_dst"] + row * s.c;
      T* sum = tensors["diff_src"] + from;
      for (std::int64_t i = 0; i < s.c; ++i) {
        sum[i] = row % s.times == 0 ? part[i] : sum[i] + part[i];
      }
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::repeat
