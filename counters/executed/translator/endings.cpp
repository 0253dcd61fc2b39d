// How blocks of translated code end: ways to the next block, or to the dispatcher.
#include <cstring>

#include "counters/executed/translator/trace.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {

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
  if (loop_start_ != 0) {
    code_.bytes(0x0f, 0x80 | last.condition);
    code_.put(static_cast<std::int32_t>(loop_start_ - (code_.code() + 4)));
    return last.address + last.length;
  }
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
  if (plan_.count == Plan::Count::branch_register) {
    const std::uint32_t counter = arena::executions + 8 * number_;
    code_.load(rcx, counter);
    code_.add(rcx, std::int8_t{1});
    code_.store(counter, rcx);
    if (last.flow != Flow::ret) code_.load(rcx, scratch(0));  // its operand may need it
  }
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
    lead(stales_[i].jump, code_.code());
    code_.load(rax, scratch(1));
    code_.load(rcx, scratch(0));
    stub(translation_.add_exit({ExitKind::stale, stales_[i].address}));
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

}  // namespace flopmeter::executed
