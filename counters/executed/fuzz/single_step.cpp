#include "counters/executed/fuzz/single_step.h"

#include <cpuid.h>
#include <signal.h>
#include <ucontext.h>

#include <bit>
#include <cstring>
#include <vector>

#include "counters/executed/translator/instruction.h"

namespace flopmeter::executed::fuzz {
namespace {

constexpr unsigned opmask_component = 5;
constexpr unsigned tile_configuration_component = 17;
constexpr std::size_t longest = 15;  // bytes of an instruction

struct Steps {
  Totals totals;
  std::uint64_t last = 0;  // the address of the latest
};
Steps steps;

// A component of the state that the kernel has saved; false: it is as at power-on.
template <class T>
bool read_component(const ucontext_t& context, unsigned component, T& value) {
  constexpr unsigned xsave_leaf = 0xd;
  constexpr std::size_t state_header = 512;
  unsigned a = 0;
  unsigned offset = 0;
  unsigned c = 0;
  unsigned d = 0;
  __cpuid_count(xsave_leaf, component, a, offset, c, d);
  const auto* const area = reinterpret_cast<const std::uint8_t*>(context.uc_mcontext.fpregs);
  std::uint64_t present = 0;
  std::memcpy(&present, area + state_header, sizeof present);
  if ((present >> component & 1U) == 0) return false;
  std::memcpy(&value, area + offset, sizeof value);
  return true;
}

std::int64_t active_lanes(const ucontext_t& context, const Arithmetic& arithmetic) {
  if (arithmetic.mask == 0) return arithmetic.lanes;
  std::uint64_t masks[8] = {};
  read_component(context, opmask_component, masks);
  const std::uint64_t lanes = arithmetic.lanes == 64 ? ~0ULL : (1ULL << arithmetic.lanes) - 1;
  return std::popcount(masks[arithmetic.mask] & lanes);
}

struct TileConfiguration {
  std::uint8_t head[16];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};

std::int64_t tile_steps(const ucontext_t& context, const Tiles& tiles) {
  TileConfiguration shape{};
  read_component(context, tile_configuration_component, shape);
  return std::int64_t{shape.rows[tiles.destination]} * (shape.row_bytes[tiles.destination] / 4) *
         (shape.row_bytes[tiles.a] / 4);
}

void add(const ucontext_t& context, const Instruction& instruction) {
  ++steps.totals.instructions;
  for (const Arithmetic& arithmetic : instruction.arithmetic) {
    const bool tile = arithmetic.lanes == 0;
    const std::int64_t active =
        tile ? tile_steps(context, instruction.tiles) : active_lanes(context, arithmetic);
    steps.totals.add(arithmetic, 1, active, tile ? active : arithmetic.lanes);
  }
}

void on_trap(int /*signal*/, siginfo_t* /*info*/, void* context_pointer) {
  auto& context = *static_cast<ucontext_t*>(context_pointer);
  const auto address = static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
  if (address == reinterpret_cast<std::uint64_t>(&executed_fuzz_stepped)) {
    constexpr greg_t trap_flag = 0x100;
    context.uc_mcontext.gregs[REG_EFL] &= ~trap_flag;
    return;
  }
  const Instruction instruction =
      instruction_at(reinterpret_cast<const std::uint8_t*>(address), longest, address);
  // It traps after each repetition.
  if (!(instruction.repeated && address == steps.last)) add(context, instruction);
  steps.last = address;
}

}  // namespace

Totals single_step(void (*function)(void*), void* argument) {
  // What is stepped through may have little stack.
  std::vector<std::uint8_t> handler_stack(1U << 16);
  stack_t stack{};
  stack_t stack_before{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  sigaltstack(&stack, &stack_before);
  struct sigaction action {};
  struct sigaction before {};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGTRAP, &action, &before);
  steps = {};
  executed_fuzz_step(function, argument);
  sigaction(SIGTRAP, &before, nullptr);
  sigaltstack(&stack_before, nullptr);
  return steps.totals;
}

}  // namespace flopmeter::executed::fuzz
