#include "counters/executed/translator/trace.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

std::uint32_t log2_of(std::uint8_t lanes) {
  return static_cast<std::uint32_t>(std::countr_zero(lanes));
}

}  // namespace

// Of an entry, up to where it has met the right address.
constexpr std::uint64_t entry_check_bytes = 10 + 4 + 2 + 8;

void write_entry(Assembler& code, std::uint64_t address) {
  constexpr std::uint8_t jump_bytes = 8;
  code.move(rax, -address);
  code.add(rcx, rax);
  code.bytes(0xe3, jump_bytes);  // jrcxz
  code.jump_to(EXECUTED_MISMATCH);
  code.load(rax, scratch(1));
  code.load(rcx, scratch(0));
}

void write_link(Assembler& code, std::uint64_t address, std::uint64_t entry, std::uint64_t others) {
  constexpr std::uint8_t way_to_others = 10 + 4 + 14;
  code.move(rax, -address);
  code.add(rcx, rax);
  code.bytes(0xe3, way_to_others);  // jrcxz
  code.move(rax, address);
  code.add(rcx, rax);
  code.jump_far(others);
  code.jump_far(entry + entry_check_bytes);
}

Trace::Trace(Translation& translation, Region& region)
    : translation_(translation),
      region_(region),
      code_(region.code + region.used),
      first_exit_(translation.exits_end()),
      first_block_(translation.block_count()),
      plan_(translation.plan_room) {}

std::uint32_t Trace::build(std::uint64_t address, bool with_entry) {
  constexpr std::uint32_t alignment = 16;
  align(alignment);
  start_ = code_.code();
  if (with_entry) write_entry(code_, address);
  // A block may take a quarter of the room, if masks and far operands fill it.
  do {
    address = block(address);
    ++blocks_;
  } while (address != 0 && goes_on_at(address, max_bytes / 2));
  if (address != 0) jump(address);
  stubs();
  stales();
  literals();
  region_.used = static_cast<std::uint32_t>(code_.code() - region_.code);
  if (with_entry) translation_.set_entry(first_block_, start_);
  // The first copy of a loop is the one that is found.
  for (std::uint32_t i = translation_.block_count(); i-- > first_block_;) translation_.publish(i);
  for (std::uint32_t i = first_exit_; i < translation_.exits_end(); ++i) {
    const Exit& exit = translation_.exit(i);
    if (exit.kind != ExitKind::direct) continue;
    const std::uint32_t known = translation_.find(exit.target);
    if (known != AddressTable::none) translation_.link(i, known);
  }
  return first_block_;
}

// With another block, if the trace has no more code than that.
bool Trace::goes_on_at(std::uint64_t address, std::uint32_t bytes) const {
  return blocks_ < max_blocks && code_.code() - start_ < bytes && !is_known(address);
}

bool Trace::is_known(std::uint64_t address) const {
  for (std::uint32_t i = first_block_; i < translation_.block_count(); ++i)
    if (translation_.block(i).address == address) return true;
  return translation_.find(address) != AddressTable::none;
}

void Trace::plan_at(std::uint64_t address) {
  source_ = reinterpret_cast<const std::uint8_t*>(address);
  const bool changes = translation_.changes_by_itself(address, copy_bytes);
  const std::size_t bytes =
      translation_.readable_code(address, changes ? copy_bytes : Plan::max_bytes);
  if (changes) {
    std::memcpy(copy_.data(), source_, bytes);
    source_ = copy_.data();
  }
  plan_block(source_, bytes, address, plan_);
  translation_.expect(plan_.end_address());
  if (plan_.last().target != 0) translation_.expect(plan_.last().target);
}

// A block that leaves the flags alone goes on to one that does not, which follows in this trace: the
// count may change them at its end.
void Trace::count_where_flags_are_free() {
  const Instruction& last = plan_.last();
  if (plan_.count == Plan::Count::increment || (last.flow != Flow::jump && last.flow != Flow::call))
    return;
  ++blocks_;
  const bool goes_on = goes_on_at(last.target, max_bytes / 4);
  --blocks_;
  if (!goes_on || last.target == plan_.address() ||
      translation_.changes_by_itself(last.target, copy_bytes))
    return;
  constexpr std::size_t some = 8 * 15;
  const std::size_t bytes = translation_.readable_code(last.target, some);
  if (!overwrites_flags_first(reinterpret_cast<const std::uint8_t*>(last.target), bytes,
                              last.target))
    return;
  plan_.count = Plan::Count::increment;
  plan_.count_before = plan_.size - 1;
}

std::uint64_t Trace::block(std::uint64_t address) {
  plan_at(address);
  count_where_flags_are_free();
  const std::uint32_t trace = first_block_ < translation_.block_count() ? first_block_ : 0;
  const std::uint32_t number = translation_.add_block(plan_, source_, code_.code(), trace);
  const bool changes = source_ == copy_.data();
  if (changes) verify_source();
  switches_stack_ = translation_.scope() == Translation::Scope::function &&
                    std::any_of(plan_.begin(), plan_.end(), [](const Instruction& instruction) {
                      return instruction.switches_stack;
                    });
  const bool loops = plan_.last().flow == Flow::conditional && plan_.last().target == address;
  // What writes nothing does not change itself: it is looked at when it is entered.
  const bool writes = std::any_of(plan_.begin(), plan_.end(), [](const Instruction& instruction) {
    return instruction.writes_memory;
  });
  loop_start_ = loops && changes && !writes ? code_.code() : 0;
  number_ = number;
  body(number);
  if (loops && (!changes || !writes)) more_turns();
  return ending(plan_.last());
}

void Trace::body(std::uint32_t number) {
  const bool asks = plan_.address() == reinterpret_cast<std::uint64_t>(&executed_is_guest);
  sums_ = {};
  for (std::uint32_t i = 0; i < plan_.size; ++i) {
    if (i == plan_.count_before) count(plan_, number);
    const Instruction& instruction = plan_[i];
    if (instruction.flow != Flow::on) break;
    sum_masks(instruction);
    translation_.add_spot(instruction.address, code_.code());
    if (asks)
      code_.bytes(0xb8, 1, 0, 0, 0);  // mov eax, 1 in the place of xor eax, eax
    else
      copy(instruction);
    for (std::uint32_t k = 1; k < 8; ++k)
      if ((instruction.masks_written >> k & 1U) != 0) sums_[k] = {};
  }
  if (plan_.last().flow != Flow::on) translation_.add_spot(plan_.last().address, code_.code());
}

// A short loop is written several times, each with a counter of its own: one turn need not wait
// until the count of the one before it has been stored.
void Trace::more_turns() {
  constexpr std::uint32_t few = 8;
  constexpr std::uint32_t some = 24;
  const Instruction& last = plan_.last();
  const int copies = plan_.size <= few ? 3 : plan_.size <= some ? 1 : 0;
  for (int i = 0; i < copies; ++i) {
    in_one_line(2);
    code_.bytes(0x0f, 0x80 | (last.condition ^ 1U));
    exit_by(code_.code(), last.address + last.length);
    body(translation_.add_block(plan_, source_, code_.code(), first_block_));
  }
}

void Trace::count(const Plan& plan, std::uint32_t block) {
  const std::uint32_t counter = arena::executions + 8 * block;
  if (plan.count == Plan::Count::branch_register) return;
  if (plan.count == Plan::Count::increment) {
    code_.increment(counter);
    return translation_.note_count(code_.code());
  }
  const bool spill = plan.count == Plan::Count::spilled_register;
  if (spill) code_.store(scratch(0), plan.count_register);
  code_.load(plan.count_register, counter);
  code_.add(plan.count_register, std::int8_t{1});
  code_.store(counter, plan.count_register);
  translation_.note_count(code_.code());
  if (spill) code_.load(plan.count_register, scratch(0));
}

void Trace::sum_masks(const Instruction& instruction) {
  for (const Arithmetic& arithmetic : instruction.arithmetic) {
    if (arithmetic.lanes == 0) {
      translation_.add_tile_item(arithmetic, instruction.tiles);
      continue;
    }
    std::uint32_t sum = 0;
    if (arithmetic.mask != 0) {
      std::uint32_t& known = sums_[arithmetic.mask][log2_of(arithmetic.lanes)];
      if (known == 0) {
        known = translation_.add_mask_sum();
        sum_mask(arithmetic, known);
      }
      sum = known;
    }
    translation_.add_item(arithmetic, sum);
  }
}

// Adds the lanes that the mask lets through, by tables of the ones in 8 bits.
void Trace::sum_mask(const Arithmetic& arithmetic, std::uint32_t sum) {
  code_.store(scratch(0), rax);
  code_.store(scratch(1), rcx);
  const std::uint8_t mask = arithmetic.mask;
  if (arithmetic.lanes <= 16)
    code_.bytes(0xc5, 0xf8, 0x93, 0xc0 | mask);  // kmovw eax, k
  else
    code_.bytes(0xc4, 0xe1, 0xfb, 0x93, 0xc0 | mask);  // kmovq rax, k
  code_.load(rcx, arena::mask_sums + 8 * sum);
  const std::uint32_t table =
      arena::few_lanes + 256 * log2_of(std::min<std::uint8_t>(8, arithmetic.lanes));
  if (arithmetic.lanes <= 8) {
    code_.low_byte(rax, rax);
    code_.load_byte(rax, rax, table);
    code_.add(rcx, rax);
  } else {
    code_.store(scratch(2), rdx);
    for (std::uint32_t lanes = 0; lanes < arithmetic.lanes; lanes += 8) {
      code_.low_byte(rdx, rax);
      code_.load_byte(rdx, rdx, table);
      code_.add(rcx, rdx);
      code_.bytes(0xc4, 0xe3, 0xfb, 0xf0, 0xc0, 8);  // rorx rax, rax, 8
    }
    code_.load(rdx, scratch(2));
  }
  code_.store(arena::mask_sums + 8 * sum, rcx);
  code_.load(rcx, scratch(1));
  code_.load(rax, scratch(0));
}

void Trace::copy(const Instruction& instruction) {
  if (instruction.repeated) translation_.note_repeated();
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

void Trace::align(std::uint32_t bytes) {
  while (code_.code() % bytes != 0) code_.bytes(0x90);
}

}  // namespace flopmeter::executed
