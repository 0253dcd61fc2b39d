// Runs code of the guest, the code that is counted, as translated copies that count themselves.
//
// A block of guest code is copied into a code cache with one counter of its executions; what a
// block computes each time is known from its bytes. Blocks jump straight to one another: the
// dispatcher is needed only for what has not been seen before, and for system calls. The code is
// that of a Translation; a Translator is one thread with its counters.
// docs/executed.md tells more.
#pragma once

#include <pthread.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "counters/executed/arithmetic/totals.h"
#include "counters/executed/translator/context.h"
#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/translation.h"

namespace flopmeter::executed {

/// What happened besides counting.
struct Events {
  std::uint64_t threads_created = 0;  // they run uncounted
  std::uint64_t processes_created = 0;
  bool repeated = false;  // an instruction with a rep prefix ran: it counts once
  bool lost = false;      // a run did not end as it should: not all of it was counted
};

/// How a run ended.
struct Ending {
  bool returned = false;                   // as it should; or one of these
  bool left = false;                       // by a jump out of the guest's stack, which was not made
  _Unwind_Exception* unwinding = nullptr;  // returned because the thread is ending by this
  std::uint64_t unsupported = 0;           // went on uncounted from this instruction
};

/// The kernel lets programs set gs by the instruction.
bool has_fsgsbase();
/// All registers can be saved by one instruction.
bool has_xsave();

class Translator;

/// The dispatcher has stacks for handlers of signals that interrupt it, each with room for all
/// registers. A handler that never returns leaves one behind.
namespace dispatcher_stack {
inline constexpr std::uint32_t levels = 256;
inline constexpr std::size_t bytes = 128U << 10;  // of one
}  // namespace dispatcher_stack

/// A system call that no kernel has, by which a process tells its Host something.
inline constexpr std::uint64_t mark_call = 0x464c4f50;
/// Of the code that makes a system call, from Exit::native on.
inline constexpr std::uint64_t after_call = 2 + 10;

/// What is done about system calls, and about code that cannot be translated, where a whole process
/// is counted. Runs in the dispatcher.
class Host {
 public:
  /// A call that wants() is asked for. The code by which the guest goes on.
  virtual std::uint64_t system_call(Translator& translator, const Exit& exit) = 0;
  /// A process or thread has been made, or comes to itself; then the guest goes on at its target.
  virtual void event(Translator& translator, ExitKind kind) = 0;
  /// The thread goes on as it is from that address. Without vector registers.
  virtual void uncounted_from(std::uint64_t address, bool no_room) = 0;

  static bool wants(std::uint64_t system_call);

 protected:
  ~Host() = default;
};

class Translator {
 public:
  /// Counts functions, by a translation of its own. `use_fsgsbase`: set gs by the instruction;
  /// otherwise by a system call. Less than the most blocks, for tests, at least 128. Throws
  /// std::bad_alloc.
  explicit Translator(bool use_fsgsbase, std::uint32_t max_blocks = arena::max_blocks);
  /// A thread of a process, whose counters are in these pages of arena::size bytes.
  Translator(bool use_fsgsbase, Translation& translation, Host& host, std::uint8_t* arena);
  ~Translator();
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  /// Runs the function as a guest on this thread. Where nothing of the ending is set, a signal
  /// handler jumped into the guest, which went on uncounted.
  Ending run(void (*function)(void*), void* argument);

  /// Goes on from the totals and events of another one.
  void continue_from(const Translator& other);

  /// Everything that guests have executed so far. Does not allocate.
  Totals totals() const;
  void add_totals(Totals& sum) const;
  /// Adds what one block has executed.
  void add_totals_of(std::uint32_t number, Totals& totals) const;
  std::uint64_t executions(std::uint32_t block) const;
  const BlockContents& blocks() const { return translation_.contents(); }
  Events events() const;
  void reset();
  bool running() const { return running_; }
  /// A signal handler has jumped out of the guest that ran on this thread.
  bool interrupted() const { return running_ && thread_ == pthread_self(); }

  // For switch.S, on the dispatcher's stack.
  std::uint64_t resolve();
  std::uint64_t translate();

  // For a Host.
  Context& context() { return *context_; }
  Translation& translation() { return translation_; }
  bool uses_fsgsbase() const { return use_fsgsbase_; }
  /// Translated code of that address; 0: it is not translated yet.
  std::uint64_t go_to(std::uint64_t target);
  void sum_tiles();
  /// Whether the dispatcher runs on that stack.
  bool is_own_stack(std::uint64_t stack) const {
    return level_of(stack) < dispatcher_stack::levels;
  }
  /// For a handler that has interrupted the dispatcher, whose stack stays as it is until it is freed;
  /// false: there is no other stack left.
  bool use_next_stack();
  void free_stack(std::uint64_t level) { kept_stacks_[level] = 0; }
  /// Another thread is to be counted here: no handler of the one before will return.
  void forget_handlers();
  /// gs of this thread.
  void set_gs(std::uint64_t base) const;
  /// Gives the thread that is made next a state of its own.
  void copy_state_to(Translator& child) const;

 private:
  void prepare_context();
  bool set_stack(std::uint64_t level);
  bool set_free_stack();
  void forget_left_handlers();
  std::uint64_t level_of(std::uint64_t stack) const;
  // Gives up the run that a signal handler has jumped out of, if there is one.
  void recover();
  std::uint64_t system_call(const Exit& exit);
  std::uint64_t change_mappings(const Exit& exit);
  std::uint64_t take_back(const Exit& exit);
  void follow(std::uint64_t call, std::uint64_t address, std::uint64_t end, std::uint64_t result);
  std::uint64_t write_file(const Exit& exit);
  long make_call(const Exit& exit);
  bool maps_open_file(std::uint64_t address, int protection);
  std::uint64_t open_file(const Exit& exit);
  std::uint64_t create(const Exit& exit);
  std::uint64_t unsupported_at(std::uint64_t address, bool no_room = false);
  std::uint64_t leave();
  std::uint32_t translate_of_process(std::uint64_t target);
  bool is_lost() const;
  std::uint64_t arrive_at(std::uint32_t block);
  bool comes_by_branch() const { return context_->exit == EXECUTED_EXIT_INDIRECT; }
  void clear_counters();
  void forget_all();

  std::unique_ptr<Translation> own_translation_;
  Translation& translation_;
  Host* host_ = nullptr;
  std::optional<Pages> own_arena_;
  std::array<std::uint8_t*, dispatcher_stack::levels> stacks_{};  // as far as any was needed
  // Of those that stay as they are, the guest's stack at that time; 0: it is free.
  std::array<std::uint64_t, dispatcher_stack::levels> kept_stacks_{};
  Context* context_;
  std::unique_ptr<Totals> forgotten_;  // by blocks whose translation was thrown away; of functions
  Events events_;
  Ending ending_;
  pthread_t thread_ = 0;         // that ran the latest guest
  std::uint64_t stack_end_ = 0;  // of that thread
  std::uint64_t gs_before_ = 0;
  bool use_fsgsbase_;
  bool running_ = false;
};

}  // namespace flopmeter::executed

extern "C" {
// The arena of this thread's guest, for switch.S; it is found in a preloaded library, too.
[[gnu::tls_model("initial-exec")]] extern thread_local constinit std::uint64_t executed_arena;
// Of switch.S.
void executed_enter(void (*function)(void*), void* argument);
void executed_dispatch();
void executed_dispatch_saved();
void executed_dispatch_indirect();
void executed_dispatch_mismatch();
void executed_returned();
void executed_create();
void executed_make();
void executed_leave();
void executed_take_over();
void executed_resume();
bool executed_is_guest();
// For switch.S.
std::uint64_t executed_resolve(flopmeter::executed::Translator* translator);
std::uint64_t executed_translate(flopmeter::executed::Translator* translator);
}
