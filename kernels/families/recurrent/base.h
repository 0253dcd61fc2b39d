// What the layers of recurrent cells have in common, which is all but name and fields.
#pragma once

#include "kernels/families/recurrent/backward.h"
#include "kernels/families/recurrent/forward.h"

namespace flopmeter::recurrent {

/// The Eigen backend. Each cell's is instantiated in eigen.cpp.
template <class Cell>
Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
template <class Cell>
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);

/// Products in one go for all steps where they do not depend on each other:
///   for each run    the sums over the input; with biases the sum of both vectors to start from
///   for each step   the sums over the state, which are added to those; the cell; the projection
/// The GRU adds the two sums of r and z outside of the products, and its biases nowhere else.
OpCounts eigen_counts(const Shape&, const CellSizes&, const CellCounts&);

/// All of a layer but name, equation and fields.
template <class L, class Cell, decltype(Backend<Shape>::prepare) prepare_onednn>
struct Base {
  using Shape = recurrent::Shape;
  static constexpr auto passes = all_passes;
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"l", "t", "mb", "slc", "dhc"});

  static Shape complete(const Shape& s) { return recurrent::complete(L::name, s); }
  static Shape padded_out(const Shape& s) { return recurrent::padded_out(s); }
  static std::vector<Variable> variables(const Shape& s) {
    return recurrent::variables(s, Cell::sizes);
  }
  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return recurrent::operands(s, Cell::sizes, pass);
  }
  static Formula formula(const Shape& s, Pass pass) {
    return recurrent::formula(s, Cell::sizes, Cell::counts(), pass);
  }
  static Tolerance tolerance(const Shape& s, Pass pass, Dtype dtype) {
    return recurrent::tolerance(s, pass, dtype);
  }

  static std::vector<Backend<Shape>> backends() {
    return {reference_backend<L>(),
            {"eigen", prepare_eigen<Cell>, counted_eigen<Cell>,
             [](const Shape& s, Pass) { return eigen_counts(s, Cell::sizes, Cell::counts()); }},
            {"onednn", prepare_onednn}};
  }

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    switch (pass) {
      case Pass::forward:
        return Forward<Cell, T>(s, tensors)();
      case Pass::backward_data:
        return BackwardData<Cell, T>(s, tensors)();
      case Pass::backward_weights:
        return BackwardWeights<Cell, T>(s, tensors)();
    }
  }
};

}  // namespace flopmeter::recurrent
