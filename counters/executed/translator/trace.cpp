#include "counters/executed/translator/trace.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

constexpr std::uint32_t scratch(std::uint32_t i) { return EXECUTED_SCRATCH + 8 * i; }

bool fits(std::int64_t displacement) {
  return displacement >= std::numeric_limits<std::int32_t>::min() &&
         displacement <= std::numeric_limits<std::int32_t>::max();
}

std::uint32_t log2_of(std::uint8_t lanes) {
  return static_cast<std::uint32_t>(std::countr_zero(lanes));
}

}  // namespace

void write_entry(Assembler& code, std::uint64_t address) {
  constexpr std::uint8_t jump_bytes = 8;
  code.move(rax, -address);
  code.add(rcx, rax);
  code.bytes(0xe3, jump_bytes);  // jrcxz
  code.jump_to(EXECUTED_MISMATCH);
  code.load(rax, scratch(1));
  code.load(rcx, scratch(0));
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
  const std::uint64_t start = code_.code();
  if (with_entry) write_entry(code_, address);
  std::uint32_t blocks = 0;
  // A block may take a quarter of the room, if masks and far operands fill it.
  do {
    address = block(address);
  } while (address != 0 && ++blocks < max_blocks && code_.code() - start < max_bytes / 2 &&
           !is_known(address));
  if (address != 0) jump(address);
  stubs();
  stales();
  literals();
  region_.used = static_cast<std::uint32_t>(code_.code() - region_.code);
  if (with_entry) translation_.set_entry(first_block_, start);
  for (std::uint32_t i = first_block_; i < translation_.block_count(); ++i) translation_.publish(i);
  for (std::uint32_t i = first_exit_; i < translation_.exits_end(); ++i) {
    const Exit& exit = translation_.exit(i);
    if (exit.kind != ExitKind::direct) continue;
    const std::uint32_t known = translation_.find(exit.target);
    if (known != AddressTable::none) translation_.link(i, known);
  }
  return first_block_;
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
}

std::uint64_t Trace::block(std::uint64_t address) {
  const bool asks = address == reinterpret_cast<std::uint64_t>(&executed_is_guest);
  plan_at(address);
  const std::uint32_t trace = first_block_ < translation_.block_count() ? first_block_ : 0;
  const std::uint32_t number = translation_.add_block(plan_, source_, code_.code(), trace);
  if (source_ == copy_.data()) verify_source();
  sums_ = {};
  switches_stack_ = translation_.scope() == Translation::Scope::function &&
                    std::any_of(plan_.begin(), plan_.end(), [](const Instruction& instruction) {
                      return instruction.switches_stack;
                    });
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
  return ending(plan_.last());
}

// The block runs only if its source is still what was translated. By subtractions that change no
// flag.
void Trace::verify_source() {
  constexpr std::uint32_t step = 8;
  const auto length = static_cast<std::uint32_t>(plan_.end_address() - plan_.address());
  code_.store(scratch(0), rcx);
  code_.store(scratch(1), rax);
  std::uint32_t at = 0;
  for (; at + step <= length; at += step) verify_part(at, step);
  if (at > 0 && at < length) verify_part(length - step, step);
  for (std::uint32_t part = step / 2; length < step && part > 0; part /= 2) {
    if ((length & part) == 0) continue;
    verify_part(at, part);
    at += part;
  }
  code_.load(rax, scratch(1));
  code_.load(rcx, scratch(0));
}

void Trace::verify_part(std::uint32_t at, std::uint32_t bytes) {
  std::uint64_t expected = 0;
  std::memcpy(&expected, source_ + at, bytes);
  // rax = the bytes, by an absolute address
  if (bytes < 4) code_.bytes(0xb8, 0, 0, 0, 0);
  if (bytes == 8) code_.bytes(0x48);
  if (bytes == 2) code_.bytes(0x66);
  code_.bytes(bytes == 1 ? 0xa0 : 0xa1);
  code_.put(plan_.address() + at);
  constexpr std::uint8_t jump_bytes = 5;
  code_.move(rcx, -expected);
  code_.add(rcx, rax);
  code_.bytes(0xe3, jump_bytes, 0xe9);  // jrcxz past the jump
  stales_[stale_count_++] = {code_.code(), plan_.address()};
  code_.put(std::int32_t{0});
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
  in_one_line(2);
  code_.bytes(0x0f, 0x80 | last.condition);
  exit_by(code_.code(), last.target);
  return last.address + last.length;
}

std::uint64_t Trace::count_branch(const Instruction& last) {
  code_.copy(source_of(last), last.opcode_at + 1U);
  const std::uint64_t distance = code_.code();
  code_.bytes(0);
  jump(last.address + last.length);
  *reinterpret_cast<std::uint8_t*>(distance) =
      static_cast<std::uint8_t>(code_.code() - (distance + 1));
  jump(last.target);
  return 0;
}

std::uint64_t Trace::call(const Instruction& last) {
  push(last.address + last.length);
  return last.target;
}

// Through the table, whose entries take rcx and rax from where they are put here. By the dispatcher
// where the stack has been switched: it must see a jump out of the guest before anything is written
// over the frames of the run.
std::uint64_t Trace::indirect(const Instruction& last) {
  code_.store(scratch(0), rcx);
  load_operand(last);
  if (last.flow == Flow::call_indirect) push(last.address + last.length);
  if (switches_stack_) {
    code_.store(EXECUTED_TARGET, rcx);
    code_.load(rcx, scratch(0));
    code_.store(EXECUTED_EXIT, EXECUTED_EXIT_INDIRECT);
    code_.jump_to(EXECUTED_DISPATCHER);
    return 0;
  }
  code_.store(scratch(1), rax);
  code_.low_word(rax, rcx);
  code_.jump_indexed(rax, translation_.branches());
  return 0;
}

// rcx = where the branch goes
void Trace::load_operand(const Instruction& branch) {
  if (branch.flow == Flow::ret) {
    code_.bytes(0x59);  // pop rcx
    if (branch.stack_release == 0) return;
    code_.bytes(0x48, 0x8d, 0xa4, 0x24);  // lea rsp, [rsp + n]
    return code_.put(std::uint32_t{branch.stack_release});
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

// The dispatcher decides which way its stub goes on: to `native`, which makes the call; behind it,
// when the call has been made; or, where only a function is counted, to what stands before it and
// makes a process or thread that goes on untranslated (Exit::native - create_bytes).
std::uint64_t Trace::system_call(const Instruction& last) {
  const std::uint64_t next = last.address + last.length;
  const std::uint32_t exit = translation_.add_exit({ExitKind::system_call, next});
  stub(exit);
  if (translation_.scope() == Translation::Scope::function) {
    code_.bytes(0x0f, 0x05);  // syscall
    code_.move(rcx, rax);
    code_.bytes(0xe3, 2);       // jrcxz: the child
    code_.bytes(0xeb, 12 + 2);  // jmp: the parent
    code_.move(rcx, next);      // 10 bytes
    code_.bytes(0xff, 0xe1);    // jmp rcx: the child goes on untranslated
  }
  translation_.exit(exit).native = code_.code();
  code_.bytes(0x0f, 0x05);
  code_.move(rcx, next);  // as the kernel leaves it
  return next;
}

std::uint64_t Trace::tile_configuration(const Instruction& last) {
  const std::uint32_t exit = translation_.add_exit({ExitKind::tile_configuration, 0});
  stub(exit);
  translation_.exit(exit).native = code_.code();
  copy(last);
  return last.address + last.length;
}

std::uint64_t Trace::unsupported(const Instruction& last) {
  stub(translation_.add_exit({ExitKind::unsupported, last.address}));
  return 0;
}

void Trace::push(std::uint64_t value) {
  code_.bytes(0xff, 0x35);  // push qword ptr [rip + displacement]
  literals_[literal_count_++] = {code_.code(), value};
  code_.put(std::int32_t{0});
}

void Trace::jump(std::uint64_t target) {
  in_one_line(1);
  code_.bytes(0xe9);
  exit_by(code_.code(), target);
}

// Another thread may run the displacement that follows so many bytes while it is written.
void Trace::in_one_line(std::uint32_t before) {
  constexpr std::uint64_t line = 64;
  while ((code_.code() + before) % line > line - 4) code_.bytes(0x90);
}

void Trace::exit_by(std::uint64_t displacement, std::uint64_t target) {
  translation_.add_exit({ExitKind::direct, target, displacement});
  code_.put(std::int32_t{0});
}

void Trace::stub(std::uint32_t exit) {
  translation_.exit(exit).native = code_.code();
  code_.store(EXECUTED_EXIT, static_cast<std::int32_t>(exit));
  code_.jump_to(EXECUTED_DISPATCHER);
}

void Trace::stubs() {
  const std::uint32_t end = translation_.exits_end();
  for (std::uint32_t i = first_exit_; i < end; ++i) {
    const Exit& exit = translation_.exit(i);
    if (exit.kind != ExitKind::direct) continue;
    lead(exit.site, code_.code());
    stub(i);
  }
}

void Trace::lead(std::uint64_t displacement, std::uint64_t to) {
  const auto distance = static_cast<std::int32_t>(to - (displacement + 4));
  std::memcpy(reinterpret_cast<void*>(displacement), &distance, sizeof distance);
}

void Trace::stales() {
  for (std::uint32_t i = 0; i < stale_count_; ++i) {
    if (i == 0 || stales_[i].address != stales_[i - 1].address) {
      stale_stub_ = code_.code();
      code_.load(rax, scratch(1));
      code_.load(rcx, scratch(0));
      stub(translation_.add_exit({ExitKind::stale, stales_[i].address}));
    }
    lead(stales_[i].jump, stale_stub_);
  }
}

void Trace::literals() {
  align(8);
  for (std::uint32_t i = 0; i < literal_count_; ++i) {
    const Literal& literal = literals_[i];
    lead(literal.displacement, code_.code());
    code_.put(literal.value);
  }
}

void Trace::align(std::uint32_t bytes) {
  while (code_.code() % bytes != 0) code_.bytes(0x90);
}

}  // namespace flopmeter::executed
