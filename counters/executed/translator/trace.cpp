#include "counters/executed/translator/trace.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace flopmeter::executed {
namespace {

constexpr std::uint32_t scratch(std::uint32_t i) { return EXECUTED_SCRATCH + 8 * i; }

bool fits(std::int64_t displacement) {
  return displacement >= std::numeric_limits<std::int32_t>::min() &&
         displacement <= std::numeric_limits<std::int32_t>::max();
}

const std::uint8_t* source_of(const Instruction& instruction) {
  return reinterpret_cast<const std::uint8_t*>(instruction.address);
}

std::uint32_t log2_of(std::uint8_t lanes) {
  return static_cast<std::uint32_t>(std::countr_zero(lanes));
}

}  // namespace

Trace::Trace(Translator& translator, Region& region)
    : translator_(translator),
      region_(region),
      code_(region.code + region.used, region.writable),
      first_exit_(translator.exits_end()) {}

std::uint64_t Trace::build(std::uint64_t address) {
  align(32);
  const std::uint64_t start = code_.code();
  std::uint32_t blocks = 0;
  // A block may take a quarter of the room, if masks and far operands fill it.
  do {
    address = block(address);
  } while (address != 0 && ++blocks < max_blocks && code_.code() - start < max_bytes / 2 &&
           translator_.find(address) == AddressTable::none);
  if (address != 0) jump(address);
  stubs();
  literals();
  region_.used = static_cast<std::uint32_t>(code_.code() - region_.code);
  return start;
}

std::uint64_t Trace::block(std::uint64_t address) {
  const bool asks = address == reinterpret_cast<std::uint64_t>(&executed_is_guest);
  const Plan& plan =
      translator_.plan(asks ? reinterpret_cast<std::uint64_t>(&executed_yes) : address);
  const std::uint64_t start = code_.code();
  const std::uint32_t number = translator_.add_block(plan, start);
  sums_ = {};
  switches_stack_ = std::any_of(plan.begin(), plan.end(), [](const Instruction& instruction) {
    return instruction.switches_stack;
  });
  for (std::uint32_t i = 0; i < plan.size; ++i) {
    if (i == plan.count_before) count(plan, number);
    const Instruction& instruction = plan[i];
    if (instruction.flow != Flow::on) break;
    sum_masks(instruction);
    copy(instruction);
    for (std::uint32_t k = 1; k < 8; ++k)
      if ((instruction.masks_written >> k & 1U) != 0) sums_[k] = {};
  }
  const std::uint64_t next = ending(plan.last());
  while (code_.code() - start < min_block_bytes) code_.bytes(0x90);
  return next;
}

void Trace::count(const Plan& plan, std::uint32_t block) {
  const std::uint32_t counter = arena::executions + 8 * block;
  if (plan.count == Plan::Count::increment) return code_.increment(counter);
  const bool spill = plan.count == Plan::Count::spilled_register;
  if (spill) code_.store(scratch(0), plan.count_register);
  code_.load(plan.count_register, counter);
  code_.add(plan.count_register, std::int8_t{1});
  code_.store(counter, plan.count_register);
  if (spill) code_.load(plan.count_register, scratch(0));
}

void Trace::sum_masks(const Instruction& instruction) {
  for (const Arithmetic& arithmetic : instruction.arithmetic) {
    if (arithmetic.lanes == 0) {
      translator_.add_tile_item(arithmetic, instruction.tiles);
      continue;
    }
    std::uint32_t sum = 0;
    if (arithmetic.mask != 0) {
      std::uint32_t& known = sums_[arithmetic.mask][log2_of(arithmetic.lanes)];
      if (known == 0) {
        known = translator_.add_mask_sum();
        sum_mask(arithmetic, known);
      }
      sum = known;
    }
    translator_.add_item(arithmetic, sum);
  }
}

// Adds the lanes that the mask lets through, by tables of the ones in 8 and 16 bits.
void Trace::sum_mask(const Arithmetic& arithmetic, std::uint32_t sum) {
  code_.store(scratch(0), rax);
  code_.store(scratch(1), rcx);
  const std::uint8_t mask = arithmetic.mask;
  if (arithmetic.lanes <= 16)
    code_.bytes(0xc5, 0xf8, 0x93, 0xc0 | mask);  // kmovw eax, k
  else
    code_.bytes(0xc4, 0xe1, 0xfb, 0x93, 0xc0 | mask);  // kmovq rax, k
  code_.load(rcx, arena::mask_sums + 8 * sum);
  if (arithmetic.lanes <= 8) {
    code_.low_byte(rax, rax);
    code_.load_byte(rax, rax, arena::few_lanes + 256 * log2_of(arithmetic.lanes));
    code_.add(rcx, rax);
  } else if (arithmetic.lanes == 16) {
    code_.load_byte(rax, rax, arena::many_lanes);
    code_.add(rcx, rax);
  } else {
    code_.store(scratch(2), rdx);
    for (std::uint32_t lanes = 0; lanes < arithmetic.lanes; lanes += 16) {
      code_.low_word(rdx, rax);
      code_.load_byte(rdx, rdx, arena::many_lanes);
      code_.add(rcx, rdx);
      code_.bytes(0xc4, 0xe3, 0xfb, 0xf0, 0xc0, 16);  // rorx rax, rax, 16
    }
    code_.load(rdx, scratch(2));
  }
  code_.store(arena::mask_sums + 8 * sum, rcx);
  code_.load(rcx, scratch(1));
  code_.load(rax, scratch(0));
}

void Trace::copy(const Instruction& instruction) {
  if (instruction.repeated) translator_.note_repeated();
  if (instruction.displacement_at == 0)
    return code_.copy(source_of(instruction), instruction.length);
  const auto displacement =
      static_cast<std::int64_t>(instruction.target - (code_.code() + instruction.length));
  if (!fits(displacement)) return copy_far(instruction);
  std::uint8_t* const place = code_.out() + instruction.displacement_at;
  code_.copy(source_of(instruction), instruction.length);
  const auto narrow = static_cast<std::int32_t>(displacement);
  std::memcpy(place, &narrow, sizeof narrow);
}

// The operand is beyond the reach of a displacement: through a register that the instruction does
// not use. The base of a RIP-relative operand has no fourth bit set, so that any of the first eight
// registers can take its place.
void Trace::copy_far(const Instruction& instruction) {
  constexpr unsigned candidates = 0xff & ~(1U << rsp) & ~(1U << rbp);
  const unsigned used = instruction.registers_touched | instruction.registers_overwritten;
  const auto base = static_cast<Register>(__builtin_ctz(candidates & ~used));
  const std::uint8_t* const source = source_of(instruction);
  const std::uint8_t modrm_at = instruction.displacement_at - 1;
  const std::uint8_t after = instruction.displacement_at + 4;
  code_.store(scratch(3), base);
  code_.move(base, instruction.target);
  code_.copy(source, modrm_at);
  code_.bytes((source[modrm_at] & 0x38U) | base);
  code_.copy(source + after, instruction.length - after);
  code_.load(base, scratch(3));
}

std::uint64_t Trace::ending(const Instruction& last) {
  switch (last.flow) {
    case Flow::on:
      return last.address + last.length;
    case Flow::jump:
      return last.target;
    case Flow::conditional:
      return conditional(last);
    case Flow::count:
      return count_branch(last);
    case Flow::call:
      return call(last);
    case Flow::jump_indirect:
    case Flow::call_indirect:
    case Flow::ret:
      return indirect(last);
    case Flow::system_call:
      return system_call(last);
    case Flow::tile_configuration:
      return tile_configuration(last);
    case Flow::transaction:
      code_.bytes(0xb8, 0, 0, 0, 0);  // mov eax, 0: aborted, for no reason
      return last.target;
    case Flow::unsupported:
      return unsupported(last);
  }
  return 0;
}

std::uint64_t Trace::conditional(const Instruction& last) {
  code_.bytes(0x0f, 0x80 | last.condition);
  exit_by(code_.code(), last.target);
  return last.address + last.length;
}

std::uint64_t Trace::count_branch(const Instruction& last) {
  constexpr std::uint8_t jump_bytes = 5;
  code_.copy(source_of(last), last.opcode_at + 1U);
  code_.bytes(jump_bytes);
  jump(last.address + last.length);
  jump(last.target);
  return 0;
}

std::uint64_t Trace::call(const Instruction& last) {
  push(last.address + last.length);
  return last.target;
}

// By the dispatcher where the stack has been switched: it must see a jump out of the guest before
// anything is written over the frames of the run.
std::uint64_t Trace::indirect(const Instruction& last) {
  code_.store(scratch(0), rcx);
  load_operand(last);
  if (last.flow == Flow::call_indirect) push(last.address + last.length);
  code_.store(EXECUTED_TARGET, rcx);
  if (!switches_stack_) look_up();
  code_.load(rcx, scratch(0));
  code_.store(EXECUTED_EXIT, 0);
  code_.jump_to(EXECUTED_DISPATCHER);
  if (switches_stack_) return 0;
  code_.load(rcx, scratch(0));
  code_.jump_to(EXECUTED_DESTINATION);
  return 0;
}

// By the low 16 bits of the address, to what follows the jump to the dispatcher if the address is
// there. lea and jrcxz compare without a flag.
void Trace::look_up() {
  code_.store(scratch(1), rax);
  code_.store(scratch(2), rdx);
  code_.low_word(rax, rcx);
  code_.load_indexed(rdx, rax, arena::branch_tags);
  code_.load_indexed(rax, rax, arena::branch_codes);
  code_.store(EXECUTED_DESTINATION, rax);
  code_.add(rcx, rdx);
  code_.load(rax, scratch(1));
  code_.load(rdx, scratch(2));
  constexpr std::uint8_t miss_bytes = 9 + 13 + 8;
  code_.bytes(0xe3, miss_bytes);  // jrcxz: the tag was minus the target
}

// rcx = where the branch goes
void Trace::load_operand(const Instruction& branch) {
  if (branch.flow == Flow::ret) {
    code_.bytes(0x48, 0x8b, 0x0c, 0x24);  // mov rcx, [rsp]
    code_.bytes(0x48, 0x8d, 0xa4, 0x24);  // lea rsp, [rsp + 8 + n]
    return code_.put(std::uint32_t{8} + branch.stack_release);
  }
  if (branch.displacement_at != 0) {
    const auto displacement = static_cast<std::int64_t>(branch.target - (code_.code() + 7));
    if (fits(displacement)) {
      code_.bytes(0x48, 0x8b, 0x0d);  // mov rcx, [rip + displacement]
      return code_.put(static_cast<std::int32_t>(displacement));
    }
    code_.move(rcx, branch.target);
    return code_.bytes(0x48, 0x8b, 0x09);  // mov rcx, [rcx]
  }
  // The operand of the branch as that of a mov: the prefixes that are part of an address, then
  // REX.W with the branch's X and B, then mov and rcx in the place of the branch's own opcode.
  const std::uint8_t* const source = source_of(branch);
  std::uint8_t rex = 0x48;
  for (std::uint8_t i = 0; i < branch.opcode_at; ++i) {
    if (source[i] == 0x64 || source[i] == 0x67) code_.bytes(source[i]);
    if ((source[i] & 0xf0U) == 0x40) rex |= source[i] & 0x3U;
  }
  const std::uint8_t modrm_at = branch.opcode_at + 1;
  code_.bytes(rex, 0x8b, (source[modrm_at] & 0xc7U) | rcx << 3);
  code_.copy(source + modrm_at + 1, branch.length - modrm_at - 1U);
}

// The dispatcher decides which way its stub goes on: to `native`, which makes the call; to
// `create`, which makes a call that makes a process or a thread, unless executed_create can do it;
// or past both, when the call has been made.
std::uint64_t Trace::system_call(const Instruction& last) {
  const std::uint64_t next = last.address + last.length;
  const std::uint32_t exit = translator_.add_exit({.kind = ExitKind::system_call, .target = next});
  stub(exit);
  translator_.exit(exit).native = code_.code();
  translator_.exit(exit).create = code_.code();
  code_.bytes(0x0f, 0x05);  // syscall
  code_.move(rcx, rax);
  code_.bytes(0xe3, 2);       // jrcxz: the child
  code_.bytes(0xeb, 12 + 2);  // jmp: the parent
  code_.move(rcx, next);      // 10 bytes
  code_.bytes(0xff, 0xe1);    // jmp rcx: the child goes on untranslated
  translator_.exit(exit).native = code_.code();
  code_.bytes(0x0f, 0x05);
  code_.move(rcx, next);  // as the kernel leaves it
  return next;
}

std::uint64_t Trace::tile_configuration(const Instruction& last) {
  const std::uint32_t exit = translator_.add_exit({.kind = ExitKind::tile_configuration});
  stub(exit);
  translator_.exit(exit).native = code_.code();
  copy(last);
  return last.address + last.length;
}

std::uint64_t Trace::unsupported(const Instruction& last) {
  stub(translator_.add_exit({.kind = ExitKind::unsupported, .target = last.address}));
  return 0;
}

void Trace::push(std::uint64_t value) {
  code_.bytes(0xff, 0x35);  // push qword ptr [rip + displacement]
  literals_[literal_count_++] = {code_.code(), value};
  code_.put(std::int32_t{0});
}

void Trace::jump(std::uint64_t target) {
  code_.bytes(0xe9);
  exit_by(code_.code(), target);
}

void Trace::exit_by(std::uint64_t displacement, std::uint64_t target) {
  translator_.add_exit({.kind = ExitKind::direct, .target = target, .site = displacement});
  code_.put(std::int32_t{0});
}

void Trace::stub(std::uint32_t exit) {
  translator_.exit(exit).stub = code_.code();
  code_.store(EXECUTED_EXIT, static_cast<std::int32_t>(exit));
  code_.jump_to(EXECUTED_DISPATCHER);
}

void Trace::stubs() {
  const std::uint32_t end = translator_.exits_end();
  for (std::uint32_t i = first_exit_; i < end; ++i) {
    Exit& exit = translator_.exit(i);
    if (exit.kind != ExitKind::direct) continue;
    const std::uint64_t at = code_.code();
    stub(i);
    const std::uint32_t known = translator_.find(exit.target);
    translator_.link(exit, known == AddressTable::none ? at : translator_.block(known).code);
  }
}

void Trace::literals() {
  align(8);
  for (std::uint32_t i = 0; i < literal_count_; ++i) {
    const Literal& literal = literals_[i];
    const auto displacement = static_cast<std::int32_t>(code_.code() - (literal.displacement + 4));
    std::memcpy(reinterpret_cast<void*>(literal.displacement + region_.writable), &displacement,
                sizeof displacement);
    code_.put(literal.value);
  }
}

void Trace::align(std::uint32_t bytes) {
  while (code_.code() % bytes != 0) code_.bytes(0x90);
}

}  // namespace flopmeter::executed
