#include <sys/syscall.h>

#include "counters/executed/fuzz/generator.h"

namespace flopmeter::executed::fuzz {
namespace {

constexpr std::uint8_t rax = 0;
constexpr std::uint8_t rcx = 1;
constexpr std::uint8_t rdx = 2;
constexpr std::uint8_t rsi = 6;
constexpr std::uint8_t rdi = 7;

}  // namespace

void Generator::push_and_pop() {
  const std::uint8_t from = general();
  const std::uint8_t to = general();
  if (from >= 8) code_.bytes(0x41);
  code_.bytes(0x50 | (from & 7U));
  if (random_.one_in(2))
    code_.bytes(0x6a, random_.below(256));  // push n
  else
    code_.bytes(0xff, 0x74, 0x24, 8 * random_.below(4));  // push [rsp + n]
  items(random_.below(3));
  if (random_.one_in(2))
    code_.bytes(0x8f, 0x04, 0x24);  // pop [rsp]
  else
    code_.bytes(0x48, 0x8d, 0x64, 0x24, 0x08);  // lea rsp, [rsp + 8]
  if (to >= 8) code_.bytes(0x41);
  code_.bytes(0x58 | (to & 7U));
}

void Generator::flags() {
  if (stepped_) return simple();
  constexpr std::uint32_t status_and_direction = 0xcd5;
  if (random_.one_in(2)) {
    code_.bytes(0x9c, 0x58);  // pushfq; pop rax
    return;
  }
  set(rax, 0x202 | (static_cast<std::uint32_t>(random_.next()) & status_and_direction));
  code_.bytes(0x50, 0x9d);  // push rax; popfq
}

void Generator::forward() {
  const Label over = code_.label();
  code_.bytes(0x0f, 0x80 | random_.below(16));
  code_.relative(over);
  items(1 + random_.below(3));
  code_.bind(over);
}

// jrcxz, jecxz, loop, loope, loopne and the short conditional jumps, over a jump.
void Generator::forward_by_count() {
  const Label over = code_.label();
  const std::uint32_t kind = random_.below(6);
  if (kind < 4 && !is_free(rcx)) return simple();
  if (kind >= 4)
    code_.bytes(0x70 | random_.below(16));
  else if (kind == 3)
    code_.bytes(0x67, 0xe3);
  else
    code_.bytes(0xe3 - kind);
  code_.bytes(5, 0xe9);
  code_.relative(over);
  simple();
  code_.bind(over);
}

void Generator::loop() {
  const auto counter = static_cast<std::uint8_t>(12 + random_.below(3));
  if (!is_free(counter)) return simple();
  reserved_ |= 1U << counter;
  set(counter, 1 + random_.below(5));
  const Label again = code_.here();
  items(1 + random_.below(3));
  if (random_.one_in(2))
    code_.bytes(0x41, 0xff, 0xc8 | (counter & 7U));  // dec
  else
    code_.bytes(0x49, 0x83, 0xe8 | (counter & 7U), 1);  // sub counter, 1
  code_.bytes(0x0f, 0x85);
  code_.relative(again);
  reserved_ &= ~(1U << counter);
}

void Generator::loop_by_count() {
  if (!is_free(rcx)) return simple();
  reserved_ |= 1U << rcx;
  set(rcx, 1 + random_.below(5));
  const std::uint64_t again = code_.address();
  simple();
  if (random_.one_in(2)) simple();
  code_.bytes(0xe0 + random_.below(3));  // loopne, loope, loop
  code_.bytes(again - (code_.address() + 1));
  reserved_ &= ~(1U << rcx);
}

// A subroutine that the current one may call: one that is not written yet.
Generator::Subroutine& Generator::subroutine() {
  constexpr std::size_t most = 4;
  const std::size_t waiting = subroutines_.size() - generated_;
  if (waiting == 0 || (subroutines_.size() < most && random_.one_in(2))) {
    subroutines_.push_back({code_.label(), static_cast<std::uint8_t>(random_.below(3))});
    return subroutines_.back();
  }
  return subroutines_[generated_ + random_.below(static_cast<std::uint32_t>(waiting))];
}

void Generator::call() {
  constexpr std::size_t most = 4;
  if (!is_free(rcx) || generated_ == most) return simple();
  const Subroutine& to = subroutine();
  for (std::uint8_t i = 0; i < to.release; ++i) code_.bytes(0x6a, 0x11);
  if (random_.one_in(4)) code_.bytes(0x48);  // padded, as linkers do
  code_.bytes(0xe8);
  code_.relative(to.label);
}

void Generator::call_indirect() {
  constexpr std::size_t most = 4;
  if (!is_free(rcx) || generated_ == most) return simple();
  const Subroutine& to = subroutine();
  for (std::uint8_t i = 0; i < to.release; ++i) code_.bytes(0x6a, 0x11);
  call_operand(2, {to.label, to.label, to.label, to.label});
}

// call (digit 2) or jmp (digit 4) through a register, a table, memory or the stack.
void Generator::call_operand(std::uint8_t digit, const std::array<Label, 4>& targets) {
  const std::uint8_t base = general();
  const auto modrm = static_cast<std::uint8_t>(digit << 3U);
  switch (random_.below(4)) {
    case 0: {
      load_address(base, targets[0]);
      if (base >= 8) code_.bytes(0x41);
      return code_.bytes(0xff, 0xc0 | modrm | (base & 7U));
    }
    case 1:
      tables_.push_back({code_.label(), targets});
      code_.bytes(0xff, 0x05 | modrm);  // [rip + table]
      return code_.relative(tables_.back().label);
    case 2: {
      load_address(base, targets[0]);
      const std::uint32_t slot = 8 * random_.below(64);
      code_.bytes(0x49 | (base >= 8 ? 4U : 0U), 0x89, 0x87 | (base & 7U) << 3U);
      code_.put(slot);
      code_.bytes(0x41, 0xff, 0x87 | modrm);  // [r15 + slot]
      return code_.put(slot);
    }
    default: {
      tables_.push_back({code_.label(), targets});
      const std::uint8_t index = small_index(4);
      std::uint8_t to = general();
      while (to == index) to = general();
      load_address(to, tables_.back().label);
      code_.bytes(0x40 | (index >= 8 ? 2U : 0U) | (to >= 8 ? 1U : 0U), 0xff, 0x44 | modrm,
                  0xc0 | (index & 7U) << 3U | (to & 7U), 0);  // [to + 8 * index]
    }
  }
}

void Generator::jump_table() {
  const Label end = code_.label();
  std::array<Label, 4> targets{};
  for (Label& target : targets) target = code_.label();
  call_operand(4, targets);
  for (const Label target : targets) {
    code_.bind(target);
    simple();
    if (random_.one_in(2)) {
      code_.bytes(0xe9);
      code_.relative(end);
    }
  }
  code_.bind(end);
}

void Generator::jump_by_return() {
  const std::uint8_t by = general();
  const Label to = code_.label();
  const std::uint32_t release = random_.below(3);
  for (std::uint32_t i = 0; i < release; ++i) code_.bytes(0x6a, 0x22);
  load_address(by, to);
  if (by >= 8) code_.bytes(0x41);
  code_.bytes(0x50 | (by & 7U));
  if (release == 0)
    code_.bytes(0xc3);
  else
    code_.bytes(0xc2, 8 * release, 0);
  code_.bytes(0xcc);
  code_.bind(to);
}

void Generator::strings() {
  if (!is_free(rcx)) return simple();
  constexpr std::array<std::uint8_t, 5> opcodes{0xa4, 0xa6, 0xaa, 0xac, 0xae};
  const auto address = [&](std::uint8_t to, std::uint32_t offset) {  // lea to, [r15 + offset]
    code_.bytes(0x49, 0x8d, 0x87 | to << 3U);
    code_.put(offset);
  };
  address(rsi, 2048 + random_.below(512));
  address(rdi, 2048 + random_.below(512));
  set(rcx, random_.below(12));
  if (random_.one_in(2)) code_.bytes(0xfc + random_.below(2));  // cld, std
  if (!random_.one_in(4)) code_.bytes(0xf2 + random_.below(2));
  const std::uint32_t width = random_.below(4);
  if (width == 1) code_.bytes(0x66);
  if (width == 3) code_.bytes(0x48);
  code_.bytes(random_.pick(opcodes) | (width != 0 ? 1U : 0U));
}

void Generator::divide() {
  std::uint8_t by = general();
  while (by == rax || by == rdx) by = general();
  set(rdx, 0);
  set(by, 2 + random_.below(100000));
  const std::uint32_t wide = random_.below(2);
  code_.bytes(0x40 | wide << 3U | (by >= 8 ? 1U : 0U), 0xf7,
              (random_.one_in(2) ? 0xf0 : 0xf8) | (by & 7U));
}

// Which clears its mask: vpxord zmm1, zmm1, zmm1; vgatherdps zmm2 {k}, [r15 + 4 * zmm1]
void Generator::gather() {
  if (!has(Isa::avx512)) return simple();
  code_.bytes(0x62, 0xf1, 0x75, 0x48, 0xef, 0xc9);
  code_.bytes(0x62, 0xd2, 0x7d, 0x49 + random_.below(7), 0x92, 0x14, 0x8f);
}

void Generator::thread_local_read() {  // mov rax, fs:[0]
  code_.bytes(0x64, 0x48, 0x8b, 0x04, 0x25);
  code_.put(0);
}

void Generator::system_call() {
  if (stepped_ || !is_free(rcx)) return simple();
  set(rax, random_.one_in(2) ? SYS_getppid : 0xffff);
  code_.bytes(0x0f, 0x05);
}

void Generator::identify() {
  // Some hypervisors swallow the trap behind it.
  if (stepped_) return simple();
  if (!is_free(rcx)) return simple();
  set(rax, 0);
  code_.bytes(0x0f, 0xa2);
}

// mov rax, [eip + near]
void Generator::narrow_address() {
  constexpr std::uint64_t narrow = 1ULL << 32;
  const auto near = reinterpret_cast<std::uint64_t>(place_.near());
  if (near >= narrow) return simple();
  code_.bytes(0x67, 0x48, 0x8b, 0x05);
  code_.put(static_cast<std::int32_t>(near - (code_.address() + 4)));
}

void Generator::subroutines() {
  constexpr std::uint32_t counters = 7U << 12;  // callers may loop by them
  reserved_ |= counters;
  while (generated_ < subroutines_.size()) {
    const Subroutine one = subroutines_[generated_++];
    code_.bind(one.label);
    items(1 + random_.below(4));
    if (one.release == 0)
      code_.bytes(0xc3);
    else
      code_.bytes(0xc2, 8 * one.release, 0);
  }
}

void Generator::tables() {
  for (const Table& one : tables_) {
    code_.bind(one.label);
    for (const Label goal : one.targets) code_.absolute(goal);
  }
}

}  // namespace flopmeter::executed::fuzz
