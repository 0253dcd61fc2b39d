// y[i] = f(x[i]), dx[i] = dy[i] * f'(x[i]): what all activations share.
// x, y, dx, dy: mb x ic x id x ih x iw
#pragma once

#include "kernels/layer.h"

namespace flopmeter::eltwise {

/// A tensor, written as benchdnn's: mb1ic64ih112, mb128ic3072.
struct Shape {
  std::int64_t mb, ic, id, ih, iw;

  /// Throws CountOverflow.
  std::int64_t elements() const { return checked_product(mb, ic, id, ih, iw); }
  bool operator==(const Shape&) const = default;
};

inline constexpr auto shape_fields = std::to_array<Field<Shape>>({
    {"mb", &Shape::mb, 2, 1, 1, 5, "samples or tokens"},
    {"ic", &Shape::ic, unset, 1, 1, 40, "channels or features"},
    {"id", &Shape::id, unset, 1, 1, 2, "depth"},
    {"ih", &Shape::ih, unset, 1, 1, 5, "height"},
    {"iw", &Shape::iw, unset, 1, 1, 5, "width"},
});

/// As benchdnn: giving only the highest spatial dimension means a square or a cube.
Shape completed(std::string_view layer, Shape);

/// The values to print: `unset` where completed() finds the same again.
Values printed(const Shape&);

/// The forward pass reads x. The backward pass reads dy and `reads`: src, which is x, or dst,
/// which is y.
std::vector<Operand> operands(const Shape&, Pass, std::string_view reads);

/// For inputs in (-1, 1) all that is computed on the way is of the order of 1. Each operation
/// rounds once, and the polynomials that libraries have for exp, tanh and erf err by up to four
/// roundings; twice their sum leaves room for those that are larger than 1. Taking a neighbour's x
/// is off by about 0.5.
Tolerance tolerance(const OpCounts& operations, Dtype);

/// One of two values, by a comparison that has been counted. Both are there before, whatever the
/// data, as in vector code.
template <class T>
T select(bool condition, T yes, T no) {
  return condition ? yes : no;
}

/// All of a layer but what distinguishes one activation from another. L says of one element:
///   name, equation
///   forward_operations   what value(x) does
///   backward_operations  what gradient(x, dy) does
///   value(x)             f(x)
///   gradient(x, dy)      dy * f'(x), or gradient(y, dy) with `backward_reads` "dst"
/// There is no accumulator in an activation, so no product of it is a MAC: products are stored in a
/// T before they are added to something.
template <class L, Backend<Shape> (*eigen_backend)(),
          decltype(Backend<Shape>::prepare) prepare_onednn>
struct Base {
  using Shape = eltwise::Shape;
  static constexpr auto fields = shape_fields;
  static constexpr std::array passes{Pass::forward, Pass::backward_data};
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "ic"});
  static constexpr std::string_view backward_reads = "src";

  static Shape complete(const Shape& s) { return completed(L::name, s); }
  static std::string print(const Shape& s) {
    return print_fields(field_infos<L>(), printed(s), always_printed);
  }
  static std::vector<Variable> variables(const Shape& s) { return {{"elements", s.elements()}}; }
  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return eltwise::operands(s, pass, L::backward_reads);
  }
  static Formula formula(const Shape& s, Pass pass) {
    return unpadded(0, s.elements() * operations(pass));
  }
  static Tolerance tolerance(const Shape&, Pass pass, Dtype dtype) {
    return eltwise::tolerance(operations(pass), dtype);
  }

  static std::vector<Backend<Shape>> backends() {
    return {reference_backend<L>(), eigen_backend(), {"onednn", prepare_onednn}};
  }

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    const std::int64_t n = s.elements();
    if (pass == Pass::forward) {
      const T* x = tensors["src"];
      std::transform(x, x + n, tensors["dst"], [](T value) { return L::value(value); });
    } else {
      const T* read = tensors[L::backward_reads];
      std::transform(read, read + n, tensors["diff_dst"], tensors["diff_src"],
                     [](T value, T dy) { return L::gradient(value, dy); });
    }
  }

 private:
  static OpCounts operations(Pass pass) {
    return pass == Pass::forward ? L::forward_operations : L::backward_operations;
  }
};

}  // namespace flopmeter::eltwise
