// The tensors of a recurrent layer as oneDNN's primitives take them, one primitive a layer.
#pragma once

#include <list>
#include <string>

#include "kernels/families/recurrent/shape.h"

namespace flopmeter::recurrent {

/// Tensors named by layer: "src_iter@1". Activations are views of the layer's own. Weights are
/// copies with their gates in oneDNN's order, of which the GRU's is z, r, n. Its bias is the sum of
/// the two vectors, except for the n of the GRU, whose second vector comes last;
/// zeros where the layer has none.
class Packing {
 public:
  Packing(const Shape&, const CellSizes&, Tensors<float>& outer);

  Tensors<float>& tensors() { return inner_; }

  /// The name in `tensors` of a layer's part, which lives as long as this.
  std::string_view name(std::string_view base, std::int64_t layer);

  void pack();    // parameters, from the layer's own tensors
  void unpack();  // gradients of parameters, back to them

 private:
  void view_whole(std::string_view operand, std::int64_t layer);
  void view_parts(std::string_view operand);
  void add_weights(std::string_view operand, std::int64_t layer, std::int64_t size);
  void copy_weights(std::string_view operand, bool iter);
  template <class Copy>
  void at_biases(std::string_view operand, const Copy& copy);
  Slot* slot_of(const Tensors<float>::Entry& entry) const;
  std::int64_t own_gate(std::int64_t gate) const;

  Shape s_;
  CellSizes cell_;
  std::list<std::string> names_;
  std::list<AlignedVector<float>> weights_;
  Tensors<float>& outer_;
  Tensors<float> inner_;
};

}  // namespace flopmeter::recurrent
