// y = f of the elements along some axes, each of which has one element left: one table of functions, each
// row of which is a layer.
#pragma once

#include "kernels/families/dims/dims.h"
#include "kernels/families/table/describe_row.h"

namespace flopmeter::reduction {

using dims::Dims;

/// The elements that one element of y is made of.
template <class T>
struct Terms {
  T* first;
  const Dims* offsets;

  std::int64_t size() const { return std::ssize(*offsets); }
  T& operator[](std::int64_t i) const { return first[(*offsets)[static_cast<std::size_t>(i)]]; }
};

template <class T>
using Reduce = T (*)(const Terms<const T>& x);
/// dx from x, y and dy; x and y are of value-initialised or missing memory where they are not read.
template <class T>
using Spread = void (*)(const Terms<const T>& x, T y, T dy, const Terms<T>& dx);

/// What of the forward pass the gradient is computed from.
struct GradientReads {
  bool x = false;
  bool y = false;
};

/// One function: what is said of it, and its loops.
struct Row {
  std::string_view name;
  std::string_view equation;
  OpCounts (*forward)(std::int64_t terms);             // of one element of y
  OpCounts (*backward)(std::int64_t terms) = nullptr;  // null: no backward pass
  GradientReads reads = {};
  Domain domain = {};
  double relative = 0;  // roundings that each term adds to the result, relative to it
  ForScalars<Reduce> values = {};
  ForScalars<Spread> gradients = {};
  float (*eigen)(const float* x, std::int64_t n, std::int64_t stride) = nullptr;
  Counted<float> (*counted_eigen)(const Counted<float>* x, std::int64_t n,
                                  std::int64_t stride) = nullptr;
};

const std::vector<Row>& rows();

Preparation prepare_onednn(const Row&, const Values&, const Setup&, Tensors<float>&);

/// Dimensions of the source, and which of them are reduced.
struct Shape {
  Dims source;
  std::vector<bool> reduced;

  Dims result() const;
  /// Where the terms of the first result lie, and where each result's first term.
  Dims term_offsets() const;
  Dims result_offsets() const;
};

struct Table {
  using Row = reduction::Row;
  static std::vector<FieldInfo> fields(const Row&);
  static std::vector<Pass> passes(const Row&);
  static Values parse(const Row&, std::string_view text);
  static std::string print(const Row&, const Values&);
  static Values complete(const Row&, Values);
  static std::vector<Variable> variables(const Row&, const Values&);
  static std::vector<Operand> operands(const Row&, const Values&, Pass);
  static Formula formula(const Row&, const Values&, Pass);
  static Tolerance tolerance(const Row&, const Values&, Pass, Dtype);
  static AnyBackend eigen(const Row&);
  static AnyBackend onednn(const Row&);

  template <class T>
  static void reference(const Row& row, const Values& v, Pass pass, Tensors<T>& t) {
    const Shape shape = shape_of(v);
    const Dims terms = shape.term_offsets();
    const T* x = t["src"];
    T* y = t["dst"];
    std::int64_t i = 0;
    for (const std::int64_t first : shape.result_offsets()) {
      const Terms<const T> of_x{x == nullptr ? nullptr : x + first, &terms};
      if (pass == Pass::forward) {
        y[i] = std::get<Reduce<T>>(row.values)(of_x);
      } else {
        std::get<Spread<T>>(row.gradients)(of_x, y == nullptr ? T(0) : y[i], t["diff_dst"][i],
                                           {t["diff_src"] + first, &terms});
      }
      ++i;
    }
  }

  static Shape shape_of(const Values&);
};

}  // namespace flopmeter::reduction
