#include "kernels/families/recurrent/packing.h"

#include <fmt/format.h>

#include <algorithm>

namespace flopmeter::recurrent {

Packing::Packing(const Shape& s, const CellSizes& cell, Tensors<float>& outer)
    : s_(s), cell_(cell), outer_(outer), inner_(std::span<const Operand>()) {
  view_whole("src", 0);
  view_whole("diff_src", 0);
  view_whole("dst", s.l - 1);
  view_whole("diff_dst", s.l - 1);
  for (const std::string operand :
       {"src_iter", "src_iter_c", "dst_iter", "dst_iter_c", "weights_projection"}) {
    view_parts(operand);
    view_parts("diff_" + operand);
  }
  const std::int64_t rows = s.dir * cell.gates * s.dhc;
  for (std::int64_t layer = 0; layer < s.l; ++layer) {
    add_weights("weights_layer", layer, rows * s.input(layer));
    add_weights("weights_iter", layer, rows * s.state_in());
    add_weights("weights_projection", layer, s.dir * s.dic * s.dhc);
    add_weights("bias", layer, s.dir * cell.slots * s.dhc);
  }
  pack();
}

/// Of several layers, each has a part of the states only: they work on the tensors themselves.
Slot* Packing::slot_of(const Tensors<float>::Entry& entry) const {
  return s_.l == 1 ? entry.slot : nullptr;
}

std::string_view Packing::name(std::string_view base, std::int64_t layer) {
  const std::string wanted = fmt::format("{}@{}", base, layer);
  const auto known = std::ranges::find(names_, wanted);
  return known != names_.end() ? *known : names_.emplace_back(wanted);
}

void Packing::view_whole(std::string_view operand, std::int64_t layer) {
  if (const auto* entry = outer_.find(operand)) {
    inner_.view(name(operand, layer), entry->role, entry->data, slot_of(*entry));
  }
}

void Packing::view_parts(std::string_view operand) {
  const auto* entry = outer_.find(operand);
  for (std::int64_t layer = 0; entry != nullptr && layer < s_.l; ++layer) {
    const std::size_t size = entry->data.size() / static_cast<std::size_t>(s_.l);
    inner_.view(name(operand, layer), entry->role,
                entry->data.subspan(static_cast<std::size_t>(layer) * size, size), slot_of(*entry));
  }
}

/// With its gradient and zeros, from which that starts, where the pass has gradients.
void Packing::add_weights(std::string_view operand, std::int64_t layer, std::int64_t size) {
  const auto add = [&](std::string_view own, Role role) {
    const std::string_view named = name(own, layer);
    if (size != 0 && inner_.find(named) == nullptr) {
      auto& data = weights_.emplace_back(static_cast<std::size_t>(size));
      inner_.view(named, role, data);
    }
  };
  add(operand, Role::input);
  if (outer_.find("diff_dst") != nullptr) {
    add(fmt::format("zero_{}", operand), Role::input);
  }
  const std::string gradient = fmt::format("diff_{}", operand);
  if (outer_.find(gradient) != nullptr) {
    add(gradient, Role::output);
  }
}

std::int64_t Packing::own_gate(std::int64_t gate) const {
  return cell_.slots != cell_.gates && gate < 2 ? 1 - gate : gate;
}

/// To oneDNN's order, gradients back from it.
void Packing::copy_weights(std::string_view operand, bool iter) {
  if (outer_.find(operand) == nullptr) {
    return;
  }
  for (std::int64_t run = 0; run < s_.runs(); ++run) {
    const std::int64_t layer = run / s_.dir;
    const std::int64_t block = s_.dhc * (iter ? s_.state_in() : s_.input(layer));
    float* own = outer_[operand] + (iter ? run * cell_.gates * block
                                         : weights_layer_offset(s_, cell_, layer, run % s_.dir));
    float* packed = inner_[name(operand, layer)] + run % s_.dir * cell_.gates * block;
    for (std::int64_t gate = 0; gate < cell_.gates; ++gate) {
      float* of_gate = own + own_gate(gate) * block;
      if (operand.starts_with("diff_")) {
        std::copy_n(packed + gate * block, block, of_gate);
      } else {
        std::copy_n(of_gate, block, packed + gate * block);
      }
    }
  }
}

/// Calls copy(first vector's, second vector's, oneDNN's, oneDNN's second) for each gate; the last
/// is the same as the one before where the two vectors are summed.
template <class Copy>
void Packing::at_biases(std::string_view operand, const Copy& copy) {
  if (outer_.find(operand) == nullptr) {
    return;
  }
  const std::int64_t rows = cell_.gates * s_.dhc;
  float absent = 0;  // the second vector where there is one only
  for (std::int64_t run = 0; run < s_.runs(); ++run) {
    float* own = outer_[operand] + s_.vectors * run * rows;
    float* packed = inner_[name(operand, run / s_.dir)] + run % s_.dir * cell_.slots * s_.dhc;
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t gate = row / s_.dhc;
      const std::int64_t at = own_gate(gate) * s_.dhc + row % s_.dhc;
      float& second = s_.vectors == 2 ? own[rows + at] : absent;
      copy(own[at], second, packed[row],
           packed[cell_.recurrent_slot(gate) * s_.dhc + row % s_.dhc]);
      absent = 0;
    }
  }
}

void Packing::pack() {
  copy_weights("weights_layer", false);
  copy_weights("weights_iter", true);
  at_biases("bias", [](float first, float second, float& packed, float& packed_second) {
    packed_second = second;
    packed = &packed == &packed_second ? first + second : first;
  });
}

void Packing::unpack() {
  copy_weights("diff_weights_layer", false);
  copy_weights("diff_weights_iter", true);
  at_biases("diff_bias", [](float& first, float& second, float packed, float packed_second) {
    first = packed;
    second = packed_second;
  });
}

}  // namespace flopmeter::recurrent
