#include "counters/executed/translator/plan.h"

#include <algorithm>

namespace flopmeter::executed {
namespace {

bool count_by_increment(Plan& plan) {
  const auto* const writer =
      std::find_if(plan.begin(), plan.end(),
                   [](const Instruction& instruction) { return instruction.overwrites_flags; });
  if (writer == plan.end()) return false;
  plan.count = Plan::Count::increment;
  plan.count_before = static_cast<std::uint32_t>(writer - plan.begin());
  return true;
}

// A register that is overwritten before anything reads it can be used from the start of the block.
bool count_by_free_register(Plan& plan) {
  constexpr unsigned candidates = 0xff & ~(1U << rsp) & ~(1U << rbp);
  unsigned touched = 0;
  for (const Instruction& instruction : plan) {
    touched |= instruction.registers_touched;
    const unsigned free = instruction.registers_overwritten & ~touched & candidates;
    if (free != 0) {
      plan.count = Plan::Count::free_register;
      plan.count_register = static_cast<Register>(__builtin_ctz(free));
      return true;
    }
  }
  return false;
}

bool is_indirect(Flow flow) {
  return flow == Flow::jump_indirect || flow == Flow::call_indirect || flow == Flow::ret;
}

}  // namespace

bool overwrites_flags_first(const std::uint8_t* bytes, std::size_t available,
                            std::uint64_t address) {
  constexpr int most = 8;
  std::size_t at = 0;
  for (int i = 0; i < most; ++i) {
    const Instruction next = instruction_at(bytes + at, available - at, address + at);
    if (next.reads_flags || next.flow != Flow::on) return false;
    if (next.overwrites_flags) return true;
    at += next.length;
  }
  return false;
}

void plan_block(const std::uint8_t* bytes, std::size_t available, std::uint64_t address,
                Plan& plan) {
  plan.size = 0;
  plan.count = Plan::Count::spilled_register;
  plan.count_before = 0;
  std::size_t at = 0;
  while (plan.size < Plan::max_size) {
    const Instruction next = instruction_at(bytes + at, available - at, address + at);
    if (next.flow == Flow::unsupported && plan.size > 0) break;
    plan.instructions[plan.size++] = next;
    at += next.length;
    if (next.flow != Flow::on) break;
  }
  if (count_by_increment(plan) || count_by_free_register(plan)) return;
  if (is_indirect(plan.last().flow)) plan.count = Plan::Count::branch_register;
}

}  // namespace flopmeter::executed
