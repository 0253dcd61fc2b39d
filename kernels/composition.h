// A layer that is made of other layers: a list of steps, from which formula, reference, backends
// and backward passes follow.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/layer.h"
#include "kernels/network/derived.h"
#include "kernels/network/network.h"

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

/// The network that a pass of it is. What is between the steps is named as in the steps, gradients
/// "diff_" and the name. Throws BadInput for steps that do not fit together.
Network network_of(const Composition&, Pass);

/// The operands of a pass: those of the composition, the parameters, and what is between the steps,
/// saved for the backward passes; backward_data saves its gradients for backward_weights.
std::vector<Operand> operands_of(const Composition&, Pass);

/// The sum over the steps. A tensor that several steps read has a gradient that is a sum: its adds
/// are counted. Throws CountOverflow.
Formula formula_of(const Composition&, Pass);

/// Every step's reference in turn.
template <class T>
void run_reference(const Composition&, Pass, Tensors<T>&);

/// Why the algorithm of a backend cannot be counted, naming the part where it is one: a binary
/// library, or what the library does not have. Empty where `counted` and `stated` can be called.
std::optional<std::string> why_not_counted(const Component&, std::string_view backend);

/// The layers with the rows of those that are made of others: one for each backend that all their
/// steps have, of which every node is prepared by that backend.
std::vector<AnyLayer> with_composed_backends(std::vector<AnyLayer>);

/// What follows from the steps that a layer says as `L::composition(shape)`.
template <class L, class S>
struct Composed {
  using Shape = S;
  static constexpr auto passes = all_passes;

  static std::vector<Operand> operands(const Shape& s, Pass pass) {
    return operands_of(L::composition(s), pass);
  }
  static Formula formula(const Shape& s, Pass pass) { return formula_of(L::composition(s), pass); }

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    run_reference(L::composition(s), pass, tensors);
  }

  /// The others follow from those of the steps.
  static std::vector<Backend<Shape>> backends() { return {reference_backend<L>()}; }
};

/// What a layer's description says of its steps.
template <class L>
void compose(AnyLayer& any) {
  any.network = [](const Values& v, Pass pass) {
    return network_of(L::composition(to_shape<L>(v)), pass);
  };
  any.components = [network = any.network](const Values& v, Pass pass) {
    return components_of(network(v, pass));
  };
  any.made_of = [](const Values& v) {
    std::vector<std::string_view> names;
    for (const Step& step : L::composition(to_shape<L>(v)).steps) {
      names.push_back(step.layer);
    }
    return names;
  };
}

}  // namespace flopmeter
