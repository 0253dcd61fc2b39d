// The part of the translator that runs between two pieces of translated code without having saved
// the vector registers: this file is compiled without them, and calls nothing that could use them.
#include <asm/unistd_64.h>

#include <algorithm>

#include "counters/executed/translator/assembler.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

// One tile of the configuration that sttilecfg writes: bytes of a row, and rows.
struct TileConfiguration {
  std::uint8_t palette;
  std::uint8_t start_row;
  std::uint8_t reserved[14];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};
static_assert(sizeof(TileConfiguration) == 64);

long raw_system_call(const std::uint64_t* registers) {
  long result = static_cast<long>(registers[rax]);
  register std::uint64_t r10 asm("r10") = registers[10];
  register std::uint64_t r8 asm("r8") = registers[8];
  register std::uint64_t r9 asm("r9") = registers[9];
  asm volatile("syscall"
               : "+a"(result)
               : "D"(registers[rdi]), "S"(registers[rsi]), "d"(registers[rdx]), "r"(r10), "r"(r8),
                 "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

constexpr std::uint64_t last_error = -4095ULL;

}  // namespace

std::uint32_t Translator::find(std::uint64_t address) const {
  const std::uint32_t block = table_.find(address);
  return block == AddressTable::none || blocks_[block].dead ? AddressTable::none : block;
}

std::uint64_t Translator::resolve() {
  if (is_told_.load(std::memory_order_relaxed)) learn();
  Exit& exit = exits_[static_cast<std::uint32_t>(context_.exit)];
  switch (exit.kind) {
    case ExitKind::indirect:
      break;
    case ExitKind::direct:
      context_.target = exit.target;
      break;
    case ExitKind::system_call:
      return system_call(exit);
    case ExitKind::tile_configuration:
      sum_tiles();
      return exit.native;
    case ExitKind::unsupported:
      return unsupported_at(exit.target);
  }
  return go_to(context_.target);
}

// 0: it is not translated yet.
std::uint64_t Translator::go_to(std::uint64_t target) {
  if (target == reinterpret_cast<std::uint64_t>(&executed_returned)) {
    ending_.returned = true;
    return target;
  }
  if (is_lost()) return leave();
  const std::uint32_t known = find(target);
  if (known == AddressTable::none) return 0;
  link_from(blocks_[known].code);
  return blocks_[known].code;
}

// Up the stack past the function that is counted: it has left by longjmp. Another stack is no sign.
bool Translator::is_lost() const {
  const std::uint64_t stack = context_.registers[rsp];
  return stack > context_.entry_stack && stack < stack_end_;
}

// Returns from the run in place of the jump: nothing has been written above the guest's frames yet.
std::uint64_t Translator::leave() {
  ending_.left = true;
  context_.registers[rsp] = context_.entry_stack;
  return reinterpret_cast<std::uint64_t>(&executed_returned);
}

// What cannot be counted goes on as it is; control comes back when the function returns.
std::uint64_t Translator::unsupported_at(std::uint64_t address) {
  ending_.unsupported = address;
  return address;
}

// Lets the way by which the guest has come lead to that code the next time.
void Translator::link_from(std::uint64_t code) {
  Exit& exit = exits_[static_cast<std::uint32_t>(context_.exit)];
  if (exit.kind == ExitKind::direct) return link(exit, code);
  if (exit.kind != ExitKind::indirect) return;
  std::uint8_t* const arena = arena_.data();
  const std::uint64_t i = context_.target % arena::branch_entries;
  auto* const tags = reinterpret_cast<std::uint64_t*>(arena + arena::branch_tags);
  tags[i] = -context_.target;
  reinterpret_cast<std::uint64_t*>(arena + arena::branch_codes)[i] = code;
  // Whoever tells of a change clears tags afterwards: either it clears this one or it is seen here.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (is_told_.load(std::memory_order_relaxed)) tags[i] = 0;
}

void Translator::link(Exit& exit, std::uint64_t code) {
  if (exit.site != 0) {
    const auto distance = static_cast<std::int64_t>(code - (exit.site + 4));
    if (distance == static_cast<std::int32_t>(distance)) {
      Assembler(exit.site, cache_.region_of(exit.site).writable)
          .put(static_cast<std::int32_t>(distance));
      return;
    }
  }
  Assembler stub(exit.stub, cache_.region_of(exit.stub).writable);
  stub.bytes(0xff, 0x25, 0, 0, 0, 0);  // jmp through the 8 bytes behind it
  stub.put(code);
}

// The first bytes of dead code lead to the dispatcher, so that whatever still leads there, leads to
// the code that takes its place.
void Translator::kill(std::uint32_t number) {
  Block& block = blocks_[number];
  block.dead = true;
  const std::uint32_t exit =
      exits_.push({.kind = ExitKind::direct, .target = block.address, .stub = block.code});
  Assembler stub(block.code, cache_.region_of(block.code).writable);
  stub.store(EXECUTED_EXIT, static_cast<std::int32_t>(exit));
  stub.jump_to(EXECUTED_DISPATCHER);
}

void Translator::invalidate(std::uint64_t begin, std::uint64_t end) {
  for (Neighbourhood& place : neighbourhoods_) {
    // A block may reach over the end of its neighbourhood.
    if (end <= place.number * neighbourhood_bytes ||
        begin >= (place.number + 2) * neighbourhood_bytes)
      continue;
    kill_if(place, [=](const Block& block) {
      return block.address < end && begin < block.address + block.length;
    });
  }
}

bool Translator::may_have_blocks_in(const Range& range) const {
  return std::any_of(neighbourhoods_.begin(), neighbourhoods_.end(), [&](const Neighbourhood& n) {
    return range.end > n.number * neighbourhood_bytes &&
           range.begin < (n.number + 2) * neighbourhood_bytes;
  });
}

// Indirect branches find their code without the dispatcher: those into the range must not.
void Translator::tell(const Range& changed) {
  told_.add(changed);
  is_told_.store(true, std::memory_order_seq_cst);
  auto* const tags = reinterpret_cast<std::uint64_t*>(arena_.data() + arena::branch_tags);
  const std::uint64_t entries =
      std::min<std::uint64_t>(changed.end - changed.begin, arena::branch_entries);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::atomic_ref<std::uint64_t> tag(tags[(changed.begin + i) % arena::branch_entries]);
    const std::uint64_t target = -tag.load(std::memory_order_relaxed);
    if (changed.begin <= target && target < changed.end) tag.store(0, std::memory_order_relaxed);
  }
}

Range Translator::take_told() {
  const Range told = told_.take();
  if (told.empty()) is_told_.store(false, std::memory_order_relaxed);
  return told;
}

void Translator::learn() {
  for (Range range = executed::take_told(*this); !range.empty(); range = executed::take_told(*this))
    invalidate(range.begin, range.end);
}

std::uint64_t Translator::system_call(Exit& exit) {
  switch (context_.registers[rax]) {
    case __NR_clone:
    case __NR_clone3:
    case __NR_fork:
    case __NR_vfork:
      return create(exit);
    case __NR_mmap:
    case __NR_munmap:
    case __NR_mprotect:
    case __NR_pkey_mprotect:
    case __NR_mremap:
      return change_mappings(exit);
    case __NR_arch_prctl: {
      constexpr std::uint64_t set_gs = 0x1001;
      constexpr std::uint64_t get_gs = 0x1004;
      const std::uint64_t what = context_.registers[rdi];
      return what == set_gs || what == get_gs ? unsupported_at(exit.target - 2) : exit.native;
    }
    case __NR_exit:
    case __NR_exit_group:
    case __NR_execve:
    case __NR_execveat:
    case mark_call:
      return exit_hook_ == nullptr ? exit.native : 0;
    case __NR_tgkill: {
      constexpr std::uint64_t sigabrt = 6;  // abort() sends it to its own thread
      return exit_hook_ == nullptr || context_.registers[rdx] != sigabrt ? exit.native : 0;
    }
    default:
      return exit.native;
  }
}

std::uint64_t Translator::create(Exit& exit) {
  constexpr std::uint64_t clone_thread = 0x10000;  // CLONE_THREAD
  const std::uint64_t* const registers = context_.registers;
  std::uint64_t flags = 0;
  if (registers[rax] == __NR_clone) flags = registers[rdi];
  if (registers[rax] == __NR_clone3)
    flags = *reinterpret_cast<const std::uint64_t*>(registers[rdi]);
  ++((flags & clone_thread) != 0 ? events_.threads_created : events_.processes_created);
  if (!use_fsgsbase_) return exit.create;
  context_.target = exit.target;
  context_.after = exit.native + 2 + 10;
  return reinterpret_cast<std::uint64_t>(&executed_create);
}

// Made here, so that blocks of what has gone can be thrown away afterwards.
std::uint64_t Translator::change_mappings(Exit& exit) {
  std::uint64_t* const registers = context_.registers;
  const bool maps = registers[rax] == __NR_mmap;
  const std::uint64_t address = registers[rdi];
  const std::uint64_t length = registers[rsi];
  const auto result = static_cast<std::uint64_t>(raw_system_call(registers));
  registers[rax] = result;
  registers[rcx] = exit.target;
  registers[11] = context_.flags;
  if (result < last_error) {
    const std::uint64_t begin = maps ? result : address;
    invalidate(begin, begin + length);
    tell_others(*this, {begin, begin + length});
  }
  context_.exit = 0;
  context_.target = exit.target;
  return exit.native + 2 + 10;
}

void Translator::sum_tiles() {
  alignas(64) TileConfiguration shape;
  bool known = false;
  for (TileItem& item : tile_items_) {
    const std::uint64_t now = executions(item.block);
    const std::uint64_t times = now - item.seen;
    if (times == 0) continue;
    // Only where tiles have been used: the instruction needs them.
    if (!known) asm volatile("sttilecfg %0" : "=m"(shape));
    known = true;
    const std::uint64_t steps = std::uint64_t{shape.rows[item.tiles.destination]} *
                                (shape.row_bytes[item.tiles.destination] / 4U) *
                                (shape.row_bytes[item.tiles.a] / 4U);
    item.seen = now;
    item.executions += times;
    item.steps += times * steps;
  }
}

std::uint64_t Translator::executions(std::uint32_t block) const {
  return reinterpret_cast<const std::uint64_t*>(arena_.data() + arena::executions)[block];
}

}  // namespace flopmeter::executed

std::uint64_t executed_resolve(flopmeter::executed::Translator* translator) {
  return translator->resolve();
}
