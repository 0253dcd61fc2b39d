// Runs code of the guest, the code that is counted, as translated copies that count themselves.
//
// A block of guest code is copied into a code cache with one counter of its executions; what a
// block computes each time is known from its bytes. Blocks jump straight to one another: the
// dispatcher is needed only for what has not been seen before, and for system calls.
// docs/executed.md tells more.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "counters/executed/arithmetic/totals.h"
#include "counters/executed/translator/address_table.h"
#include "counters/executed/translator/code_cache.h"
#include "counters/executed/translator/context.h"
#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/plan.h"
#include "counters/executed/translator/registry.h"

namespace flopmeter::executed {

/// A translated block. Its number is the number of its counter.
struct Block {
  std::uint64_t address = 0;  // of the guest's code
  std::uint64_t code = 0;     // of the translation
  std::uint32_t length = 0;   // bytes of the guest's code
  std::uint32_t bytes = 0;    // where a copy of them is
  std::uint32_t items = 0;    // what it computes, in Translator's items
  std::uint32_t item_count = 0;
  std::uint32_t instructions = 0;
  std::uint32_t next = 0;  // of the same neighbourhood; 0: it is the last
  bool dead = false;       // its source is gone or has changed
};

/// One kind of arithmetic that a block does `times` times per execution.
struct Item {
  Arithmetic arithmetic;
  std::uint16_t times = 0;
  std::uint32_t mask_sum =
      0;  // the sum of the lanes that the mask let through; 0: there is no mask
};

/// AMX dot products of one block, summed whenever the shape of the tiles changes.
struct TileItem {
  Arithmetic arithmetic;
  Tiles tiles;
  std::uint32_t block = 0;
  std::uint64_t seen = 0;  // executions of the block that are in the sums
  std::uint64_t executions = 0;
  std::uint64_t steps = 0;  // rows x columns x depth
};

enum class ExitKind : std::uint8_t {
  indirect,
  direct,
  system_call,
  tile_configuration,
  unsupported
};

/// A place where translated code goes to the dispatcher.
struct Exit {
  ExitKind kind = ExitKind::indirect;
  std::uint64_t target = 0;  // of the guest
  std::uint64_t site = 0;    // the 32-bit displacement that leads to the stub; 0: none does
  std::uint64_t stub = 0;
  std::uint64_t native = 0;  // code that makes the system call or configures the tiles
  std::uint64_t create = 0;  // code that makes a system call whose child goes on untranslated
};

/// What happened besides counting.
struct Events {
  std::uint64_t threads_created = 0;  // they run uncounted
  std::uint64_t processes_created = 0;
  bool repeated = false;  // an instruction with a rep prefix ran: it counts once
  bool lost = false;      // a run did not end as it should: not all of it was counted
};

/// A system call that no kernel has: the hook of on_exit gets it instead.
inline constexpr std::uint64_t mark_call = 0x464c4f50;

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

class Translator {
 public:
  /// `use_fsgsbase`: set gs by the instruction; otherwise by a system call. Less than the most
  /// blocks, for tests, at least 128. Throws std::bad_alloc.
  explicit Translator(bool use_fsgsbase, std::uint32_t max_blocks = arena::max_blocks);
  ~Translator();
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  /// Runs the function as a guest on this thread. Where nothing of the ending is set, a signal
  /// handler jumped into the guest, which went on uncounted.
  Ending run(void (*function)(void*), void* argument);

  /// Goes on from the totals and events of another one.
  void continue_from(const Translator& other);
  /// How the latest run has ended, as far as it has come.
  const Ending& ending() const { return ending_; }

  /// Everything that guests have executed so far. Does not allocate.
  Totals totals() const;
  void add_totals(Totals& sum) const;
  /// Adds what one block has executed.
  void add_totals_of(std::uint32_t number, Totals& totals) const;
  /// f(Arithmetic, instructions, active lanes, full lanes) of all that one block has executed.
  template <class F>
  void for_each_item(std::uint32_t number, F&& f) const;
  std::uint64_t executions(std::uint32_t block) const;
  const Pool<Block>& blocks() const { return blocks_; }
  const Events& events() const { return events_; }
  void reset();
  bool running() const { return running_; }
  /// A signal handler has jumped out of the guest that ran on this thread.
  bool interrupted() const { return running_ && thread_ == pthread_self(); }

  /// Called, on a stack of 1 MiB, when the guest is about to end its process or this thread, to
  /// abort or to run another program, and for mark_call, with the registers of that system call, by
  /// their numbers; it may change them.
  void on_exit(void (*hook)(std::uint64_t* registers));

  // For switch.S, on the dispatcher's stack.
  std::uint64_t resolve();
  std::uint64_t translate();

  // For Trace, which writes the code.
  std::uint32_t find(std::uint64_t address) const;
  std::uint32_t add_block(const Plan& plan, std::uint64_t code);
  /// Arithmetic of the latest block; mask_sum 0: it has no mask.
  void add_item(const Arithmetic& arithmetic, std::uint32_t mask_sum);
  void add_tile_item(const Arithmetic& arithmetic, const Tiles& tiles);
  std::uint32_t add_mask_sum() { return ++mask_sums_; }
  std::uint32_t add_exit(const Exit& exit) { return exits_.push(exit); }
  Exit& exit(std::uint32_t i) { return exits_[i]; }
  std::uint32_t exits_end() const { return exits_.size(); }
  const Block& block(std::uint32_t i) const { return blocks_[i]; }
  void note_repeated() { events_.repeated = true; }
  /// Plans the block of that address from the guest's memory.
  const Plan& plan(std::uint64_t address);
  /// Makes the exit go straight to that code.
  void link(Exit& exit, std::uint64_t code);

  /// Code of the guest between these addresses may no longer be what it was.
  void invalidate(std::uint64_t begin, std::uint64_t end);

  // For the registry, which holds its lock meanwhile; from any thread.
  bool may_have_blocks_in(const Range& range) const;
  void tell(const Range& changed);
  Range take_told();
  Translator* enlisted_next = nullptr;

 private:
  // Blocks by address, so that a range is found without going through all of them.
  static constexpr std::uint64_t neighbourhood_bytes = 2U << 20;
  struct Neighbourhood {
    std::uint64_t number;
    std::uint32_t first;  // block; 0: there is none
  };

  // Gives up the run that a signal handler has jumped out of, if there is one.
  void recover();
  std::uint64_t go_to(std::uint64_t target);
  std::uint64_t system_call(Exit& exit);
  std::uint64_t change_mappings(Exit& exit);
  std::uint64_t create(Exit& exit);
  std::uint64_t unsupported_at(std::uint64_t address);
  std::uint64_t leave();
  bool is_lost() const;
  void link_from(std::uint64_t code);
  void kill(std::uint32_t number);
  template <class Predicate>
  void kill_if(Neighbourhood& place, Predicate is_stale);
  bool is_unchanged(const Block& block) const;
  void sum_tiles();
  void verify();
  Region* room_for(std::uint64_t address);
  void clear_counters();
  void forget_all();
  bool is_full() const;
  std::uint64_t mask_sum(std::uint32_t sum) const;
  void put_in_neighbourhood(std::uint32_t number);
  void learn();

  Pages arena_;
  Pages stack_;
  Pages xsave_area_;
  Context& context_;
  CodeCache cache_;
  AddressTable table_;
  Pool<Block> blocks_;
  Pool<Exit> exits_;
  Pool<Item> items_;
  Pool<std::uint8_t> bytes_;
  Pool<TileItem> tile_items_;
  Pool<Neighbourhood> neighbourhoods_;
  std::uint32_t mask_sums_ = 0;
  Totals forgotten_;  // by blocks whose translation was thrown away
  Plan plan_;
  Events events_;
  Ending ending_;
  Ranges told_;
  std::atomic<bool> is_told_ = false;
  pthread_t thread_ = 0;         // that ran the latest guest
  std::uint64_t stack_end_ = 0;  // of that thread
  std::uint64_t gs_before_ = 0;
  void (*exit_hook_)(std::uint64_t*) = nullptr;
  bool use_fsgsbase_;
  bool running_ = false;
};

/// Kills blocks that is_stale(const Block&) holds of, and unlinks all that are dead.
template <class Predicate>
void Translator::kill_if(Neighbourhood& place, Predicate is_stale) {
  std::uint32_t* link = &place.first;
  while (*link != 0) {
    Block& block = blocks_[*link];
    if (!block.dead && is_stale(block)) kill(*link);
    if (block.dead)
      *link = block.next;
    else
      link = &block.next;
  }
}

template <class F>
void Translator::for_each_item(std::uint32_t number, F&& f) const {
  const auto times = static_cast<std::int64_t>(executions(number));
  const Block& block = blocks_[number];
  for (std::uint32_t i = block.items; i < block.items + block.item_count; ++i) {
    const Item& item = items_[i];
    const std::int64_t instructions = checked_multiply(times, item.times);
    const std::int64_t full = checked_multiply(instructions, item.arithmetic.lanes);
    const std::int64_t active =
        item.mask_sum == 0
            ? full
            : checked_multiply(static_cast<std::int64_t>(mask_sum(item.mask_sum)), item.times);
    f(item.arithmetic, instructions, active, full);
  }
  // In the order of their blocks.
  const TileItem* tiles = std::ranges::lower_bound(tile_items_, number, {}, &TileItem::block);
  for (; tiles != tile_items_.end() && tiles->block == number; ++tiles) {
    const auto steps = static_cast<std::int64_t>(tiles->steps);
    f(tiles->arithmetic, static_cast<std::int64_t>(tiles->executions), steps, steps);
  }
}

}  // namespace flopmeter::executed

extern "C" {
// The arena of this thread's guest, for switch.S; it is found in a preloaded library, too.
[[gnu::tls_model("initial-exec")]] extern thread_local constinit std::uint64_t executed_arena;
// Of switch.S.
void executed_enter(void (*function)(void*), void* argument);
void executed_dispatch();
void executed_returned();
void executed_create();
bool executed_is_guest();
bool executed_yes();
// For switch.S.
std::uint64_t executed_resolve(flopmeter::executed::Translator* translator);
std::uint64_t executed_translate(flopmeter::executed::Translator* translator);
}
