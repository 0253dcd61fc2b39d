// y[n,:] = w[x[n],:]
// x: mb indices, w: vocab x dim, y: mb x dim
// No arithmetic at all: what an embedding costs is its traffic, which is of the rows looked up and
// not of the table. Which rows are the same depends on the data; they count as distinct, as far as
// there are as many.
#pragma once

#include <algorithm>

#include "kernels/layer.h"
#include "kernels/place.h"

namespace flopmeter::embedding {

struct Shape {
  std::int64_t mb, vocab, dim;

  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = embedding::Shape;
  static constexpr std::string_view name = "embedding";
  static constexpr std::string_view equation = "y[n,:] = w[x[n],:]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 20, "indices (tokens)"},
      {"vocab", &Shape::vocab, unset, 1, 1, 50, "rows of the table"},
      {"dim", &Shape::dim, unset, 1, 1, 40, "length of a row"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "vocab", "dim"});

  static Shape complete(Shape);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  /// A copy is exact in every dtype that holds the table.
  static Tolerance tolerance(const Shape&, Pass, Dtype) { return {}; }
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& tensors) {
    for (std::int64_t n = 0; n < s.mb; ++n) {
      const T* row = tensors["weights"] + place(tensors["src"][n], s.vocab) * s.dim;
      std::copy_n(row, s.dim, tensors["dst"] + n * s.dim);
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::embedding
