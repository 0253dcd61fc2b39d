// A layer that is made of other layers: a list of steps, from which formula, reference, backends
// and backward passes follow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/layer.h"

namespace flopmeter {

/// A step's operand and the tensor of the composition that it is.
struct Binding {
  std::string_view operand;
  std::string tensor;
};

/// One layer of a composition. Operands that are not bound belong to the step alone: parameters
/// become parameters of the composition, and what it saves is saved, all as "label.operand".
struct Step {
  std::string label;
  std::string_view layer;
  std::string shape;
  std::vector<Binding> bindings;
};

/// What a composition computes. `operands` are its inputs and outputs; every other tensor that
/// steps are bound to is between steps. Steps are in the order of computation. A tensor may be read
/// by several steps, and is written by one.
struct Composition {
  std::vector<Operand> operands;
  std::vector<Step> steps;
};

/// The operands of a pass: those of the composition, the parameters, and what is between the steps,
/// saved for the backward passes; backward_data saves its gradients for backward_weights.
std::vector<Operand> operands_of(const Composition&, Pass);

/// The sum over the steps. A tensor that several steps read has a gradient that is a sum: its adds
/// are counted. Throws CountOverflow.
Formula formula_of(const Composition&, Pass);

/// The layers of the steps, in the order of computation.
std::vector<Component> components_of(const Composition&, Pass);

/// Every step's reference in turn.
template <class T>
void run_reference(const Composition&, Pass, Tensors<T>&);

/// Every step on the backend of that name; unavailable where one of them is. The implementation is
/// those of the steps, each once.
Preparation prepare_steps(const Composition&, std::string_view backend, const Setup&,
                          Tensors<float>&);
/// Every step's reference, found and bound once, so that only its loops are timed.
Preparation prepare_reference(const Composition&, const Setup&, Tensors<float>&);

/// The counted algorithm of every step in turn, and what it comes to.
void run_counted(const Composition&, std::string_view backend, Pass, Tensors<Counted<float>>&);
OpCounts stated_of(const Composition&, std::string_view backend, Pass);

/// What follows from the steps that a layer says as `L::composition(shape)`.
template <class L, class S>
struct Composed {
  using Shape = S;
  static constexpr auto passes = all_passes;

  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return operands_of(L::composition(s), pass);
  }
  static Formula formula(const Shape& s, Pass pass) { return formula_of(L::composition(s), pass); }

  static std::vector<Component> components(const Shape& s, Pass pass) {
    return components_of(L::composition(s), pass);
  }

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    run_reference(L::composition(s), pass, tensors);
  }

  static std::vector<Backend<Shape>> backends() {
    Backend<Shape> reference = reference_backend<L>();
    reference.prepare = [](const Shape& s, const Setup& setup, Tensors<float>& t) {
      return prepare_reference(L::composition(s), setup, t);
    };
    return {reference,
            {"eigen",
             [](const Shape& s, const Setup& setup, Tensors<float>& t) {
               return prepare_steps(L::composition(s), "eigen", setup, t);
             },
             [](const Shape& s, Pass pass, Tensors<Counted<float>>& t) {
               run_counted(L::composition(s), "eigen", pass, t);
             },
             [](const Shape& s, Pass pass) { return stated_of(L::composition(s), "eigen", pass); }},
            {"onednn", [](const Shape& s, const Setup& setup, Tensors<float>& t) {
               return prepare_steps(L::composition(s), "onednn", setup, t);
             }}};
  }
};

}  // namespace flopmeter
