// What softmax and log_softmax share: rows that are normalised one by one. x, y: mb x c
#pragma once

#include <algorithm>

#include "kernels/layer.h"

namespace flopmeter::softmax_rows {

/// Rows of c numbers, as in mb128c1000.
struct Shape {
  std::int64_t mb, c;

  bool operator==(const Shape&) const = default;
};

/// The forward pass reads x. The backward pass reads dy and y, as oneDNN and PyTorch do.
std::vector<Operand> operands(const Shape&, Pass);

/// How many roundings (2^-24) the sum of a row is off, relative to it: that of c positive terms
/// drifts as sqrt(c)/3 in whatever order, and exp errs by up to four. Six times the drift leaves
/// room, and stays below the share of one term, 1/c, up to rows of about 30,000.
double sum_roundings(const Shape&);

/// No y of softmax is larger: e^2 / (e^2 + c - 1), for x from -1 to 1.
double largest_share(const Shape&);

/// All of a layer but the row functions: forward_row(c, x, y), backward_row(c, y, dy, dx), and
/// their row_operations.
template <class L, Backend<Shape> (*eigen_backend)(),
          decltype(Backend<Shape>::prepare) prepare_onednn>
struct Base {
  using Shape = softmax_rows::Shape;
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 40, "rows"},
      {"c", &Shape::c, unset, 1, 1, 150, "length of a row"},
  });
  static constexpr std::array passes{Pass::forward, Pass::backward_data};
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "c"});

  static Shape complete(const Shape& s) {
    if (s.c == unset) {
      bad_input("{} needs c, as in mb128c1000", L::name);
    }
    return s;
  }
  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return softmax_rows::operands(s, pass);
  }
  static Formula formula(const Shape& s, Pass pass) {
    return unpadded(0, s.mb * L::row_operations(s.c, pass));
  }

  static std::vector<Backend<Shape>> backends() {
    return {reference_backend<L>(), eigen_backend(), {"onednn", prepare_onednn}};
  }

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    for (std::int64_t n = 0; n < s.mb; ++n) {
      const std::int64_t row = n * s.c;
      if (pass == Pass::forward) {
        L::forward_row(s.c, tensors["src"] + row, tensors["dst"] + row);
      } else {
        L::backward_row(s.c, tensors["dst"] + row, tensors["diff_dst"] + row,
                        tensors["diff_src"] + row);
      }
    }
  }

 protected:
  /// y[i] = x[i] - max x, so that no exp overflows.
  template <class T>
  static void subtract_largest(std::int64_t c, const T* x, T* y) {
    using std::max;
    T largest = x[0];
    for (std::int64_t i = 1; i < c; ++i) {
      largest = max(largest, x[i]);
    }
    for (std::int64_t i = 0; i < c; ++i) {
      y[i] = x[i] - largest;
    }
  }
};

}  // namespace flopmeter::softmax_rows
