#include "counters/preload/process.h"

#include <asm/unistd_64.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <new>

#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/system_call.h"
#include "counters/preload/maps.h"
#include "counters/preload/restartable.h"
#include "counters/preload/signals.h"
#include "counters/preload/space.h"

namespace flopmeter::executed {
namespace {

// Calls from some addresses alone are the program's own: translated code stands elsewhere.
constexpr std::uint64_t set_user_dispatch = 59;  // PR_SET_SYSCALL_USER_DISPATCH

std::int64_t nanoseconds() {
  constexpr std::int64_t a_second = 1'000'000'000;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * a_second + now.tv_nsec;
}

void set_signals(const std::uint64_t& to, std::uint64_t* before) {
  constexpr std::uint64_t set_mask = 2;  // SIG_SETMASK
  executed::system_call(__NR_rt_sigprocmask, set_mask, reinterpret_cast<std::uint64_t>(&to),
                        reinterpret_cast<std::uint64_t>(before), sizeof to);
}

void block_signals(std::uint64_t* before) {
  const std::uint64_t all = ~std::uint64_t{0};
  set_signals(all, before);
}

std::int32_t this_process() {
  return static_cast<std::int32_t>(executed::system_call(__NR_getpid));
}

std::uint64_t flags_of(const std::uint64_t* registers) {
  switch (registers[rax]) {
    case __NR_clone:
      return registers[rdi];
    case __NR_clone3:
      return *reinterpret_cast<const std::uint64_t*>(registers[rdi]);
    case __NR_vfork:
      return CLONE_VM | CLONE_VFORK;
    default:
      return 0;
  }
}

// Programs ask by a bad address whether the call is known.
bool is_probe(const std::uint64_t* registers) {
  return registers[rax] == __NR_clone3 && !is_readable(registers[rdi]);
}

}  // namespace

constinit ForEver for_ever;

bool Process::load(char** environment) {
  inheritance_.load(environment);
  if (inheritance_.space()[0] == 0) return false;
  if (!space.open(inheritance_.space()) || !make_record(0)) return false;
  const long length = readlink("/proc/self/exe", record_->program, sizeof record_->program - 1);
  record_->program[length < 0 ? 0 : length] = 0;
  return true;
}

bool Process::make_record(std::int32_t parent) {
  std::uint64_t offset = 0;
  std::uint8_t* const pages = space.allocate(sizeof(SharedProcess), offset);
  if (pages == nullptr) return false;
  record_ = new (pages) SharedProcess;
  record_->process = this_process();
  record_->parent = parent;
  record_->start_1e9 = nanoseconds();
  Offset& latest = space.header().processes;
  record_->next = latest;
  while (!latest.compare_exchange_weak(record_->next, offset)) {
  }
  return true;
}

void Process::take_over() {
  record_->stage = Stage::unavailable;
  if (!has_xsave()) return;
  constexpr std::size_t written_at_first =
      40 * page_bytes;  // of 158: small programs write little more
  populate(&for_ever, std::min(written_at_first, sizeof for_ever / page_bytes * page_bytes));
  Counted* self = nullptr;
  try {
    translation_.emplace(Translation::Scope::process, arena::max_blocks, pages_of_space);
    self = threads_.acquire(*translation_, *this);
  } catch (const std::bad_alloc&) {
  }
  if (self == nullptr) return;
  note_all_maps(*record_, translation_->changeable());
  constexpr std::uint64_t question = 0xffffffff;
  if ((executed::system_call(__NR_personality, question) & READ_IMPLIES_EXEC) != 0)
    translation_->changeable().trust_nothing();
  leave_restartable_sequences();
  translation_->handler_returns = reinterpret_cast<std::uint64_t>(&executed_signal_returned);
  translation_->grown = grown;
  count_handlers(record_->losses[static_cast<std::size_t>(Loss::uncounted_handler)],
                 record_->losses[static_cast<std::size_t>(Loss::whole_block)]);
  record_->regions = regions_.load();
  record_->threads_created = 1;
  record_->stage = Stage::started;
  self->translator->set_gs(reinterpret_cast<std::uint64_t>(self->arena));
  executed_take_over();
}

void Process::grown(const Translation& translation) {
  SharedProcess& record = *process.record_;
  const auto tell = [](const auto& pool, Offset* parts, std::atomic<std::uint32_t>& size) {
    for (std::uint32_t i = 0; i < pool.piece_count(); ++i)
      parts[i].store(pool.offsets()[i], std::memory_order_relaxed);
    size.store(pool.size(), std::memory_order_release);
  };
  tell(translation.items(), record.item_parts, record.items);
  tell(translation.tile_items(), record.tile_item_parts, record.tile_items);
  tell(translation.contents(), record.block_parts, record.blocks);
  if (translation.repeated()) record.repeated = true;
}

void Process::uncounted_from(std::uint64_t address, bool no_room) {
  lose(no_room ? Loss::no_room : Loss::unsupported);
  if (no_room || record_->unsupported_at.exchange(address) != 0) return;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(address);
  const std::size_t size = readable_bytes(address, sizeof record_->unsupported);
  for (std::size_t i = 0; i < size; ++i) record_->unsupported[i] = bytes[i];
}

std::uint64_t Process::system_call(Translator& translator, const Exit& exit) {
  std::uint64_t* const registers = translator.context().registers;
  switch (registers[rax]) {
    case __NR_clone:
    case __NR_clone3:
    case __NR_fork:
    case __NR_vfork:
      return is_probe(registers) ? exit.native : create(translator, exit);
    case __NR_exit:
      return leave(translator, exit);
    case __NR_exit_group:
      if (borrows(translator)) {
        --record_->processes_created;
        return exit.native;
      }
      regions_.process_ends();
      record_->end_1e9 = nanoseconds();
      record_->stage = Stage::ended;
      return exit.native;
    case __NR_execve:
    case __NR_execveat:
      return replace(translator, exit);
    case __NR_rt_sigaction:
      return returned(translator, exit, set_signal_action(registers, borrows(translator)));
    case __NR_prctl:
    case __NR_seccomp:
      if (registers[rax] == __NR_prctl && registers[rdi] == set_user_dispatch)
        return returned(translator, exit, -EINVAL);
      if (registers[rax] == __NR_seccomp || registers[rdi] == PR_SET_SECCOMP)
        record_->restricted = true;
      return exit.native;
    case __NR_rseq:
      return returned(translator, exit, -ENOSYS);
    default:  // mark_call
      return mark_region(translator, exit);
  }
}

// A call that has been made here.
std::uint64_t Process::returned(Translator& translator, const Exit& exit, long result) {
  Context& context = translator.context();
  context.registers[rax] = static_cast<std::uint64_t>(result);
  context.registers[rcx] = exit.target;
  context.registers[11] = context.flags;
  return exit.native + after_call;
}

std::uint64_t Process::create(Translator& translator, const Exit& exit) {
  const std::uint64_t flags = flags_of(translator.context().registers);
  if ((flags & CLONE_VM) == 0) return fork(translator, exit);
  const bool borrows = (flags & CLONE_VFORK) != 0;
  if (borrows) ++record_->processes_created;
  Counted* const child =
      borrows && !inheritance_.by_children() ? nullptr : threads_.acquire(*translation_, *this);
  if (borrows && child == nullptr) {
    lose(Loss::running_program);
    return prepare_child(translator, exit, nullptr);
  }
  if (child == nullptr) {
    lose(Loss::uncounted_thread);
    return returned(translator, exit, -EAGAIN);
  }
  child->borrows = borrows;
  if (borrows) threads_.find(translator)->borrower = child;
  translator.context().target = exit.target;
  translator.context().registers[rcx] = exit.target;
  translator.copy_state_to(*child->translator);
  child->context().exit = EXECUTED_EXIT_STARTED;
  return prepare_child(translator, exit, child);
}

std::uint64_t Process::fork(Translator& translator, const Exit& exit) {
  ++record_->processes_created;
  if (!inheritance_.by_children()) {
    lose(Loss::uncounted_process);
    return prepare_child(translator, exit, nullptr);
  }
  Counted* const self = threads_.find(translator);
  translator.context().exit = EXECUTED_EXIT_FORKED;
  return prepare_child(translator, exit, self);
}

// A signal between the call and the child's own gs would find this thread's.
std::uint64_t Process::prepare_child(Translator& translator, const Exit& exit, Counted* child) {
  Context& context = translator.context();
  context.target = exit.target;
  context.registers[rcx] = exit.target;
  context.child = child == nullptr ? 0 : reinterpret_cast<std::uint64_t>(child->arena);
  Counted& self = *threads_.find(translator);
  self.signals = 0;
  self.blocked = child != nullptr;
  if (child != nullptr) {
    block_signals(&self.signals);
    child->signals = self.signals;
  }
  // The copy must not be one of the middle of a change.
  self.forks = child == &self;
  if (self.forks) {
    translation_->mutex().lock();
    translation_->changeable().mutex.lock();
  }
  return reinterpret_cast<std::uint64_t>(&executed_make);
}

void Process::event(Translator& translator, ExitKind kind) {
  Counted& self = *threads_.find(translator);
  if (self.forks) {
    translation_->changeable().mutex.unlock();
    translation_->mutex().unlock();
    self.forks = false;
  }
  if (kind == ExitKind::started && !self.borrows) {
    ++record_->threads_created;
    regions_.thread_started(self);
  }
  if (kind == ExitKind::forked) forked(self);
  if (kind == ExitKind::created) created(self);
  if (kind != ExitKind::created || self.blocked) set_signals(self.signals, nullptr);
}

// A child that could not be made is none; one that had this memory has it no longer.
void Process::created(Counted& self) {
  Context& context = self.context();
  const bool failed = has_failed(static_cast<long>(context.registers[rax]));
  const bool is_thread =
      context.child != 0 && context.child != reinterpret_cast<std::uint64_t>(self.arena);
  if (failed && (!is_thread || self.borrower != nullptr)) --record_->processes_created;
  if (self.borrower != nullptr) {
    self.borrower->environment.free();
    self.borrower->borrows = false;
    self.borrower = nullptr;
  } else if (!failed) {
    return;
  }
  if (is_thread) reinterpret_cast<Context*>(context.child)->busy = 0;
}

void Process::forked(Counted& self) {
  SharedProcess& parent = *record_;
  self.borrows = false;
  self.borrower = nullptr;
  if (!make_record(parent.process) || !threads_.fork(self) || !translation_->copy_contents()) {
    ++parent.losses[static_cast<std::size_t>(Loss::no_record)];
    record_ = &parent;
    return;
  }
  std::memcpy(record_->program, parent.program, sizeof parent.program);
  std::memcpy(record_->maps, parent.maps, parent.maps_size);
  record_->maps_size = parent.maps_size.load();
  record_->threads_created = 1;
  record_->stage = Stage::started;
  record_->regions = regions_.load();
  regions_.fork();
  grown(*translation_);
  count_handlers(record_->losses[static_cast<std::size_t>(Loss::uncounted_handler)],
                 record_->losses[static_cast<std::size_t>(Loss::whole_block)]);
}

std::uint64_t Process::replace(Translator& translator, const Exit& exit) {
  std::uint64_t* const registers = translator.context().registers;
  Counted& self = *threads_.find(translator);
  const bool at = registers[rax] == __NR_execveat;
  std::uint64_t& environment = registers[at ? r10 : static_cast<int>(rdx)];
  const std::uint64_t given = environment;
  const bool wanted = inheritance_.by_children() || record_->parent == 0;
  if (wanted)
    environment = reinterpret_cast<std::uint64_t>(
        inheritance_.put_into(reinterpret_cast<char**>(environment), self.environment));
  if (!self.borrows) {
    regions_.process_ends();
    record_->end_1e9 = nanoseconds();
    record_->stage = Stage::replaced;
  }
  const long result =
      executed::system_call(static_cast<long>(registers[rax]), registers[rdi], registers[rsi],
                            registers[rdx], registers[r10], registers[8]);
  if (!self.borrows) {
    record_->stage = Stage::started;
    record_->end_1e9 = 0;
  }
  self.environment.free();
  environment = given;
  return returned(translator, exit, result);
}

std::uint64_t Process::mark_region(Translator& translator, const Exit& exit) {
  const std::uint64_t* const registers = translator.context().registers;
  const auto* const name = reinterpret_cast<const char*>(registers[rsi]);
  Counted& self = *threads_.find(translator);
  if (static_cast<Mark>(registers[rdi]) == Mark::begin)
    regions_.begin(self, name);
  else
    regions_.end(self, name);
  return returned(translator, exit, 0);
}

bool Process::borrows(const Translator& translator) const {
  return threads_.find(translator)->borrows;
}

std::uint64_t Process::leave(Translator& translator, const Exit& exit) {
  if (borrows(translator)) {
    --record_->processes_created;
    return exit.native;
  }
  std::uint64_t unused = 0;
  block_signals(&unused);
  translator.sum_tiles();
  regions_.thread_ended(*threads_.find(translator));
  ++record_->threads_ended;
  return reinterpret_cast<std::uint64_t>(&executed_leave);
}

}  // namespace flopmeter::executed
