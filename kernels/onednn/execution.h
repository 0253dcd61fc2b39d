// Primitives bound to memory, to be executed again and again.
#pragma once

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

#include "kernels/network/slot.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/onednn/scales.h"

namespace flopmeter::onednn {

/// Primitives with their memory. They work on the Tensors where these lie as the primitive wants
/// them, and else on copies in its own layout and type, so that the layout of the operands costs
/// nothing in `run`. Operands that have a Slot lie there, in the layout that the primitive wants.
/// Everything throws dnnl::error.
class Execution {
 public:
  /// Executes what the plan says comes before, unless there are Slots, which have no data yet: then
  /// `feed` does. Tensors must outlive this.
  Execution(const PrimitivePlan& plan, const Setup& setup, std::shared_ptr<const Scales> scales,
            Tensors<float>& tensors);
  /// As Prepared's.
  void run();
  void feed();
  void fetch();
  void place();
  bool has_slots() const { return !slotted_.empty(); }

 private:
  struct Memory {
    Argument argument;
    dnnl::memory inner;
    dnnl::memory plain;  // empty: no operand, or nothing to copy
    std::vector<float>
        units;  // what one of `inner` stands for; one number, or one for each output channel
    bool written;
  };
  struct Call {
    dnnl::primitive primitive;
    std::vector<dnnl_exec_arg_t> arguments;
  };
  /// Memory of operands that have a Slot, whose data are not there yet.
  struct Slotted {
    Argument argument;
    dnnl::memory bound;
    Slot* slot;  // null for a second layout of the same operand
  };
  void add(const Stage& stage, std::vector<Call>& calls);
  dnnl::memory bind(const Argument& argument, std::vector<Call>& calls);
  dnnl::memory bind_slot(const Argument& argument, Slot& slot, std::vector<Call>& calls);
  dnnl::memory add_slotted(const Argument& argument, const dnnl::memory& bound, Slot* slot);
  dnnl::memory between_primitives(const Argument& argument);
  std::vector<float> units_of(const Argument& argument) const;
  dnnl::memory vector(const std::vector<float>& values);
  void copy_in(const Memory& to);
  void copy(dnnl::memory from, dnnl::memory to);
  void use_threads() const;
  void execute(const std::vector<Call>& calls);

  dnnl::stream stream_;
  int threads_;
  bool integers_;
  std::shared_ptr<const Scales> scales_;
  Tensors<float>& tensors_;
  std::vector<Memory> memories_;
  std::vector<dnnl::memory> vectors_;
  std::vector<Slotted> slotted_;
  bool deferred_;  // some operand has a Slot
  std::vector<Call> before_, calls_;
};

}  // namespace flopmeter::onednn
