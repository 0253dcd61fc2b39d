// c = a op b, element by element, where a dimension of 1 is repeated: what add and mul share.
// a: a0 x a1 x a2 x a3, b: b0 x b1 x b2 x b3, c: the larger of the two in each dimension
#pragma once

#include <algorithm>

#include "kernels/layer.h"

namespace flopmeter::broadcast {

using Dims = std::array<std::int64_t, 4>;

/// Two tensors, written as benchdnn's: 2x3x4:2x1x4. Missing dimensions are leading ones.
struct Shape {
  std::int64_t a0, a1, a2, a3, b0, b1, b2, b3;

  Dims a() const { return {a0, a1, a2, a3}; }
  Dims b() const { return {b0, b1, b2, b3}; }
  Dims c() const {
    return {std::max(a0, b0), std::max(a1, b1), std::max(a2, b2), std::max(a3, b3)};
  }
  bool operator==(const Shape&) const = default;
};

/// The elements of a tensor. Throws CountOverflow.
std::int64_t product(const Dims&);

/// How many elements of c each element of the source stands for. Throws CountOverflow.
std::int64_t repetitions(const Shape&, const Dims& source);

Shape parse(std::string_view layer, std::string_view text);
Shape completed(std::string_view layer, const Shape&);
std::string print(const Shape&);

/// Gradients are sums over what was repeated. `reads_sources`: they need a and b.
std::vector<Operand> operands(const Shape&, Pass, bool reads_sources);

/// One rounding forward; backward a sum over the repetitions.
Tolerance tolerance(const Shape&, Pass, Dtype);

/// A tensor's place for each row of c: how far it moves with each dimension, 0 where it is
/// repeated.
Dims strides(const Dims& source);

/// Calls work(c, a, b) for the first elements of all rows of c, in order.
template <class Work>
void for_rows(const Shape& s, const Work& work) {
  const Dims c = s.c();
  const Dims a = strides(s.a());
  const Dims b = strides(s.b());
  std::int64_t row = 0;
  for (std::int64_t i = 0; i < c[0]; ++i) {
    for (std::int64_t j = 0; j < c[1]; ++j) {
      for (std::int64_t k = 0; k < c[2]; ++k, row += c[3]) {
        work(row, i * a[0] + j * a[1] + k * a[2], i * b[0] + j * b[1] + k * b[2]);
      }
    }
  }
}

/// The first term of a gradient's sum: a product starts an accumulator, unless it is all there is.
template <class T>
T first_term(T term, std::int64_t /*terms*/) {
  return term;
}
template <class T>
Counted<T> first_term(Product<T> term, std::int64_t terms) {
  return terms == 1 ? Counted<T>(term) : start_sum(term);
}

/// All of a layer but the operation. L says of one element:
///   value(a, b)          a op b
///   gradient(dc, other)  the term of da, other being b, and of db, other being a
///   reads_sources        whether the gradients depend on a and b
///   value_operations, gradient_operations(elements, terms)
template <class L, Backend<Shape> (*eigen_backend)(),
          decltype(Backend<Shape>::prepare) prepare_onednn>
struct Base {
  using Shape = broadcast::Shape;
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"a0", &Shape::a0, 1, 1, 1, 4, "first dimension of src0"},
      {"a1", &Shape::a1, 1, 1, 1, 4, "second dimension of src0"},
      {"a2", &Shape::a2, 1, 1, 1, 4, "third dimension of src0"},
      {"a3", &Shape::a3, 1, 1, 1, 20, "last dimension of src0"},
      {"b0", &Shape::b0, 1, 1, 1, 4, "first dimension of src1, equal or either 1"},
      {"b1", &Shape::b1, 1, 1, 1, 4, "second dimension of src1"},
      {"b2", &Shape::b2, 1, 1, 1, 4, "third dimension of src1"},
      {"b3", &Shape::b3, 1, 1, 1, 20, "last dimension of src1"},
  });
  static constexpr std::array passes{Pass::forward, Pass::backward_data};

  static Shape parse(std::string_view text) { return broadcast::parse(L::name, text); }
  static Shape complete(const Shape& s) { return completed(L::name, s); }
  static std::string print(const Shape& s) { return broadcast::print(s); }
  static std::vector<Variable> variables(const Shape& s) { return {{"elements", product(s.c())}}; }
  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return broadcast::operands(s, pass, L::reads_sources);
  }
  static Formula formula(const Shape& s, Pass pass) {
    if (pass == Pass::forward) {
      return unpadded(0, product(s.c()) * L::value_operations);
    }
    return unpadded(0, L::gradient_operations(product(s.a()), repetitions(s, s.a())) +
                           L::gradient_operations(product(s.b()), repetitions(s, s.b())));
  }
  static Tolerance tolerance(const Shape& s, Pass pass, Dtype dtype) {
    return broadcast::tolerance(s, pass, dtype);
  }

  static std::vector<Backend<Shape>> backends() {
    return {reference_backend<L>(), eigen_backend(), {"onednn", prepare_onednn}};
  }

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    if (pass == Pass::forward) {
      forward(s, tensors["src0"], tensors["src1"], tensors["dst"]);
      return;
    }
    const Shape swapped{s.b0, s.b1, s.b2, s.b3, s.a0, s.a1, s.a2, s.a3};
    backward(s, tensors["diff_dst"], tensors["src1"], tensors["diff_src0"]);
    backward(swapped, tensors["diff_dst"], tensors["src0"], tensors["diff_src1"]);
  }

 private:
  template <class T>
  static void forward(const Shape& s, const T* a, const T* b, T* c) {
    const std::int64_t a_step = strides(s.a())[3];
    const std::int64_t b_step = strides(s.b())[3];
    for_rows(s, [&](std::int64_t row, std::int64_t a_row, std::int64_t b_row) {
      for (std::int64_t i = 0; i < s.c()[3]; ++i) {
        c[row + i] = L::value(a[a_row + i * a_step], b[b_row + i * b_step]);
      }
    });
  }

  /// da; `b` is null where it is not needed. An element of da is met once for each repetition, for
  /// the first time where the place in the repeated dimensions is 0.
  template <class T>
  static void backward(const Shape& s, const T* dc, const T* b, T* da) {
    const std::int64_t a_step = strides(s.a())[3];
    const std::int64_t b_step = strides(s.b())[3];
    const std::int64_t terms = repetitions(s, s.a());
    std::int64_t next = 0;  // rows of da are begun in order
    for_rows(s, [&](std::int64_t row, std::int64_t a_row, std::int64_t b_row) {
      const bool begins = a_row == next;
      next += begins ? s.a3 : 0;
      for (std::int64_t i = 0; i < s.c()[3]; ++i) {
        const auto term = L::gradient(dc[row + i], b == nullptr ? nullptr : b + b_row + i * b_step);
        T& sum = da[a_row + i * a_step];
        if (begins && (a_step != 0 || i == 0)) {
          sum = first_term(term, terms);
        } else {
          sum += term;
        }
      }
    });
  }
};

}  // namespace flopmeter::broadcast
