// A layer of this family: what its kind and its definition make of a shape.
#pragma once

#include "kernels/families/conv/fields.h"
#include "kernels/families/conv/reference.h"
#include "kernels/layer.h"
#include "kernels/tolerance.h"

namespace flopmeter::conv {

/// {first, second, then one length for each spatial axis of the kind}.
std::vector<std::int64_t> dims(const Kind&, const Shape&, std::int64_t first, std::int64_t second,
                               std::int64_t Axis::*length);

/// Padding after the last input of each axis.
std::vector<Variable> variables(const Kind&, const Shape& convolution);

/// `weights` are the first two dimensions of theirs.
std::vector<Operand> operands(const Kind&, const Shape&, Pass,
                              const std::array<std::int64_t, 2>& weights);

/// Weights and bias. Throws CountOverflow.
std::int64_t parameters(const Shape&);

/// Definition has
///   convolution    of a shape: the one whose loops and padding it is written in; its own inverse
///   complete_axis  what was left out on one axis
///   weights        the channels that are the first two dimensions of the weights
///   counts, terms  of a pass: operations in bounds; products in its longest sum
///   reference      the passes in plain loops
///   prepare_eigen, counted_eigen, stated_eigen
template <const Kind& kind, class Definition>
struct LayerOf {
  using Shape = conv::Shape;
  static constexpr std::string_view name = kind.name;
  static constexpr std::string_view equation = kind.equation;
  static constexpr auto fields = fields_of_rank<kind.rank>();
  static constexpr auto passes = all_passes;

  static Shape complete(const Shape& s) {
    return conv::complete(kind, s, Definition::complete_axis);
  }
  static std::string print(const Shape& s) { return conv::print(kind, s); }
  static std::vector<Variable> variables(const Shape& s) {
    return conv::variables(kind, Definition::convolution(s));
  }
  static Shape padded_out(const Shape& s) {
    return Definition::convolution(conv::padded_out(Definition::convolution(s)));
  }
  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return conv::operands(kind, s, pass, Definition::weights(s));
  }
  static Formula formula(const Shape& s, Pass pass) {
    return {parameters(s), Definition::counts(padded_out(s), pass), Definition::counts(s, pass)};
  }
  static Tolerance tolerance(const Shape& s, Pass pass, Dtype dtype) {
    return sum_tolerance(Definition::terms(s, pass), dtype);
  }
  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    Definition::reference(s, pass, tensors);
  }
  static std::vector<Backend<Shape>> backends() {
    return {
        reference_backend<LayerOf>(),
        {"eigen", Definition::prepare_eigen, Definition::counted_eigen, Definition::stated_eigen},
        {"onednn", kind.prepare_onednn}};
  }
};

}  // namespace flopmeter::conv
