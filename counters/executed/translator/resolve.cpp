// The part of the translator that runs between two pieces of translated code without having saved
// the vector registers: this file is compiled without them, and calls nothing that could use them.
#include <asm/unistd_64.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>

#include "counters/executed/translator/memory_file.h"
#include "counters/executed/translator/registry.h"
#include "counters/executed/translator/system_call.h"
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

long as_asked(const std::uint64_t* registers) {
  return executed::system_call(static_cast<long>(registers[rax]), registers[rdi], registers[rsi],
                               registers[rdx], registers[r10], registers[r8], registers[r9]);
}

// Of a personality, which programs also ask for by a number that is none.
bool makes_all_executable(std::uint64_t personality) {
  constexpr std::uint64_t question = 0xffffffff;
  return (personality & question) != question && (personality & READ_IMPLIES_EXEC) != 0;
}

std::uint64_t whole_pages(std::uint64_t bytes) {
  return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}

// Of shared memory that is attached; the whole of what it may reach where the kernel does not tell.
std::uint64_t segment_bytes(std::uint64_t number) {
  constexpr std::uint64_t most = 1ULL << 32;
  shmid_ds segment;
  const long result = executed::system_call(__NR_shmctl, number, IPC_STAT,
                                            reinterpret_cast<std::uint64_t>(&segment));
  return has_failed(result) ? most : whole_pages(segment.shm_segsz);
}

// By such advice memory becomes what it was before the program wrote to it.
bool takes_back(std::uint64_t advice) {
  constexpr std::uint64_t dont_need_locked = 24;  // MADV_DONTNEED_LOCKED
  return advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE ||
         advice == dont_need_locked;
}

constexpr std::uint64_t creating_call = 2 + 3 + 2 + 2 + 10 + 2;  // that Trace::system_call writes

}  // namespace

std::uint64_t Translator::resolve() {
  const auto number = static_cast<std::uint32_t>(context_->exit);
  const Exit& exit = translation_.exit(number);
  switch (exit.kind) {
    case ExitKind::indirect:
      break;
    case ExitKind::direct:
    case ExitKind::stale:
      if (exit.kind == ExitKind::stale) translation_.invalidate(exit.target, exit.target + 1);
      context_->target = exit.target;
      break;
    case ExitKind::system_call:
      return system_call(exit);
    case ExitKind::tile_configuration:
      sum_tiles();
      return exit.native;
    case ExitKind::created:
    case ExitKind::started:
    case ExitKind::forked:
      return 0;
    case ExitKind::unsupported:
      return unsupported_at(exit.target);
  }
  return go_to(context_->target);
}

std::uint64_t Translator::go_to(std::uint64_t target) {
  if (target == reinterpret_cast<std::uint64_t>(&executed_returned)) {
    ending_.returned = true;
    return target;
  }
  if (is_lost()) return leave();
  if (target == translation_.handler_returns && target != 0) return target;
  const std::uint32_t known = translation_.find(target);
  const bool needs_entry = known != AddressTable::none && comes_by_branch() &&
                           (translation_.block(known).entry == 0 || translation_.needs_link(known));
  return known == AddressTable::none || needs_entry ? 0 : arrive_at(known);
}

// Lets the way by which the guest has come lead to that block the next time.
std::uint64_t Translator::arrive_at(std::uint32_t block) {
  const auto number = static_cast<std::uint32_t>(context_->exit);
  if (comes_by_branch())
    translation_.enter_by_branches(block);
  else if (translation_.exit(number).kind == ExitKind::direct)
    translation_.link(number, block);
  return translation_.block(block).code;
}

// Up the stack past the function that is counted: it has left by longjmp. Another stack is no sign.
bool Translator::is_lost() const {
  const std::uint64_t stack = context_->registers[rsp];
  return stack > context_->entry_stack && stack < stack_end_;
}

// Returns from the run in place of the jump: nothing has been written above the guest's frames yet.
std::uint64_t Translator::leave() {
  ending_.left = true;
  context_->registers[rsp] = context_->entry_stack;
  return reinterpret_cast<std::uint64_t>(&executed_returned);
}

// What cannot be counted goes on as it is; of a function, control comes back when it returns.
std::uint64_t Translator::unsupported_at(std::uint64_t address, bool no_room) {
  ending_.unsupported = address;
  if (host_ != nullptr) {
    // Threads that it makes have its gs, but are no guests: their handlers of signals run as they are.
    context_->magic = 0;
    host_->uncounted_from(address, no_room);
  }
  return address;
}

bool Host::wants(std::uint64_t system_call) {
  constexpr std::uint64_t wanted[] = {
      __NR_clone,  __NR_clone3,     __NR_fork, __NR_vfork,    __NR_exit,
      __NR_execve, __NR_exit_group, __NR_rseq, __NR_execveat, __NR_rt_sigaction,
      __NR_prctl,  __NR_seccomp,    mark_call};
  for (const std::uint64_t call : wanted)
    if (call == system_call) return true;
  return false;
}

std::uint64_t Translator::system_call(const Exit& exit) {
  if (host_ != nullptr && Host::wants(context_->registers[rax])) return 0;
  switch (context_->registers[rax]) {
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
    case __NR_shmat:
      return change_mappings(exit);
    case __NR_madvise:
      return takes_back(context_->registers[rdx]) ? take_back(exit) : exit.native;
    case __NR_arch_prctl: {
      constexpr std::uint64_t set_gs = 0x1001;
      constexpr std::uint64_t get_gs = 0x1004;
      const std::uint64_t what = context_->registers[rdi];
      return what == set_gs || what == get_gs ? unsupported_at(exit.target - 2) : exit.native;
    }
    case __NR_personality:
      if (makes_all_executable(context_->registers[rdi])) translation_.changeable().trust_nothing();
      return exit.native;
    case __NR_open:
    case __NR_openat:
    case __NR_openat2:
    case __NR_creat:
      if (opens_memory(context_->registers)) translation_.note_memory_file();
      return WrittenFiles::opens_to_write(context_->registers) ? open_file(exit) : exit.native;
    default:
      return translation_.opened_memory() && is_write(context_->registers[rax]) ? write_file(exit)
                                                                                : exit.native;
  }
}

std::uint64_t Translator::open_file(const Exit& exit) {
  const long result = make_call(exit);
  if (has_failed(result)) return exit.native + after_call;
  WrittenFiles::Range changes;
  {
    const Locked lock(translation_.changeable().mutex);
    changes = translation_.written_files().note_opened(static_cast<std::uint64_t>(result),
                                                       translation_.changeable());
  }
  if (changes.begin < changes.end) tell_all_of_change(changes.begin, changes.end);
  return exit.native + after_call;
}

// By a file that is memory, code may be written that cannot be written otherwise.
std::uint64_t Translator::write_file(const Exit& exit) {
  const std::uint64_t call = context_->registers[rax];
  const long result = make_call(exit);
  const Written written = written_memory(context_->registers, call, result);
  if (written.begin < written.end) tell_all_of_change(written.begin, written.end);
  return exit.native + after_call;
}

// Here, and not in translated code, to which it returns behind the call.
long Translator::make_call(const Exit& exit) {
  const long result = as_asked(context_->registers);
  context_->registers[rax] = static_cast<std::uint64_t>(result);
  context_->registers[rcx] = exit.target;
  context_->registers[11] = context_->flags;
  context_->exit = EXECUTED_EXIT_INDIRECT;
  context_->target = exit.target;
  return result;
}

std::uint64_t Translator::create(const Exit& exit) {
  constexpr std::uint64_t clone_thread = 0x10000;  // CLONE_THREAD
  const std::uint64_t* const registers = context_->registers;
  std::uint64_t flags = 0;
  if (registers[rax] == __NR_clone) flags = registers[rdi];
  if (registers[rax] == __NR_clone3) {
    // Programs ask by a bad address whether the call is known.
    if (!is_readable(registers[rdi])) return exit.native;
    flags = *reinterpret_cast<const std::uint64_t*>(registers[rdi]);
  }
  ++((flags & clone_thread) != 0 ? events_.threads_created : events_.processes_created);
  if (!use_fsgsbase_) return exit.native - creating_call;
  context_->target = exit.target;
  context_->after = exit.native + after_call;
  return reinterpret_cast<std::uint64_t>(&executed_create);
}

// Made here, so that blocks of what has gone can be thrown away afterwards.
std::uint64_t Translator::change_mappings(const Exit& exit) {
  std::uint64_t* const registers = context_->registers;
  const std::uint64_t call = registers[rax];
  const std::uint64_t address = registers[rdi];
  const std::uint64_t end = address + whole_pages(registers[rsi]);
  const long result = make_call(exit);
  if (has_failed(result)) return exit.native + after_call;
  const auto at = static_cast<std::uint64_t>(result);
  follow(call, address, end, at);
  tell_all_of_change(call == __NR_mmap ? at : address,
                     call == __NR_mmap ? at + whole_pages(registers[rsi]) : end);
  if (call == __NR_mremap) tell_all_of_change(at, at + whole_pages(registers[rdx]));
  return exit.native + after_call;
}

// A part of it may have been taken back where it fails.
std::uint64_t Translator::take_back(const Exit& exit) {
  const std::uint64_t begin = context_->registers[rdi];
  const std::uint64_t end = begin + whole_pages(context_->registers[rsi]);
  make_call(exit);
  tell_all_of_change(begin, end);
  return exit.native + after_call;
}

void Translator::follow(std::uint64_t call, std::uint64_t address, std::uint64_t end,
                        std::uint64_t result) {
  const std::uint64_t* const registers = context_->registers;
  const auto protection = static_cast<int>(registers[rdx]);
  Changeable& changeable = translation_.changeable();
  const Locked lock(changeable.mutex);
  switch (call) {
    case __NR_mmap:
      return changeable.map(
          result, result + whole_pages(registers[rsi]), protection,
          (registers[r10] & MAP_PRIVATE) == 0 || maps_open_file(result, protection));
    case __NR_munmap:
      return changeable.unmap(address, end);
    case __NR_mremap:
      return changeable.move(address, end, result, result + whole_pages(registers[rdx]),
                             (registers[r10] & MREMAP_DONTUNMAP) != 0);
    case __NR_shmat:
      return changeable.map(result, result + segment_bytes(registers[rdi]),
                            (registers[rdx] & SHM_EXEC) != 0 ? PROT_EXEC : 0, true);
    default: {
      // With PROT_GROWSDOWN, of a stack: as far down as it may reach.
      constexpr std::uint64_t most = 1ULL << 30;
      const bool grows = (protection & PROT_GROWSDOWN) != 0;
      return changeable.protect(grows ? address - most : address, end, protection);
    }
  }
}

// Of one that is open to be written, or has no name, by which a compiler at run time maps its code
// twice, or that was. Libraries are opened to be read.
bool Translator::maps_open_file(std::uint64_t address, int protection) {
  const std::uint64_t* const registers = context_->registers;
  if ((registers[r10] & MAP_ANONYMOUS) != 0) return false;
  const long flags = executed::system_call(__NR_fcntl, registers[r8], F_GETFL);
  if (!has_failed(flags) && (flags & O_ACCMODE) != O_RDONLY) return true;
  return translation_.written_files().maps_written(
      registers[r8], address, address + whole_pages(registers[rsi]), (protection & PROT_EXEC) != 0);
}

void Translator::sum_tiles() {
  auto* const arena = reinterpret_cast<std::uint8_t*>(context_);
  auto* const sums = reinterpret_cast<TileSum*>(arena + arena::tiles);
  const TileItems& items = translation_.tile_items();
  alignas(64) TileConfiguration shape;
  bool known = false;
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    TileSum& sum = sums[i];
    const std::uint64_t now = executions(items[i].block);
    const std::uint64_t times = now - sum.seen;
    if (times == 0) continue;
    // Only where tiles have been used: the instruction needs them.
    if (!known) asm volatile("sttilecfg %0" : "=m"(shape));
    known = true;
    const Tiles& tiles = items[i].tiles;
    const std::uint64_t steps = std::uint64_t{shape.rows[tiles.destination]} *
                                (shape.row_bytes[tiles.destination] / 4U) *
                                (shape.row_bytes[tiles.a] / 4U);
    sum.seen = now;
    sum.executions += times;
    sum.steps += times * steps;
  }
}

std::uint64_t Translator::executions(std::uint32_t block) const {
  return CounterView::of(reinterpret_cast<const std::uint8_t*>(context_)).executions[block];
}

}  // namespace flopmeter::executed

std::uint64_t executed_resolve(flopmeter::executed::Translator* translator) {
  return translator->resolve();
}
