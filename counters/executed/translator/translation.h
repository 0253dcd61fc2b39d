// The translated code of a process, which all its threads run and add to.
//
// Blocks are found, linked and thrown away while other threads run them. What other threads read
// without the lock is a word each: the displacement of a direct jump, an entry of the table of
// indirect branches, an entry of the address table, the mark of a dead block. Dead code stays as
// long as the process: whoever is still in it leaves by an exit.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "counters/executed/translator/address_table.h"
#include "counters/executed/translator/branch_table.h"
#include "counters/executed/translator/changeable.h"
#include "counters/executed/translator/code_cache.h"
#include "counters/executed/translator/content.h"
#include "counters/executed/translator/lock.h"
#include "counters/executed/translator/plan.h"
#include "counters/executed/translator/written_files.h"

namespace flopmeter::executed {

/// A translated block. Its number is the number of its counter.
struct Block {
  std::uint64_t address = 0;    // of the guest's code
  std::uint64_t code = 0;       // of the translation
  std::uint64_t entry = 0;      // where indirect branches enter it; 0: none has come yet
  std::uint32_t length = 0;     // bytes of the guest's code
  std::uint32_t trace = 0;      // the first block of its trace
  std::uint32_t bytes = 0;      // where a copy of them is, if there is one
  std::uint32_t next = 0;       // of the same neighbourhood; 0: it is the last
  std::uint32_t spots = 0;      // of its instructions
  std::uint32_t older = 0;      // of the same address; 0: it is the first
  std::uint32_t counted = ~0U;  // from so many bytes of its code on it has been counted
  std::uint64_t hash = 0;       // of the guest's code
  bool verifies = false;        // it looks at its source whenever it is entered
  bool listed = false;          // in its neighbourhood
  std::atomic<std::uint32_t> incoming = 0;  // the exits that lead here: the first, by Exit::next
  std::atomic<bool> dead = false;           // its source is gone or has changed
};

/// Where an instruction of a block and its copy stand, from the start of the block and its code.
struct Spot {
  std::uint16_t source = 0;
  std::uint16_t code = 0;
};

enum class ExitKind : std::uint8_t {
  indirect,
  created,  // a thread or process has been made; and its way of coming here
  started,
  forked,
  direct,
  system_call,
  tile_configuration,
  stale,  // the source is not what was translated
  unsupported
};

/// A place where translated code goes to the dispatcher.
struct Exit {
  ExitKind kind = ExitKind::indirect;
  std::atomic<bool> linked = false;
  std::uint32_t next = 0;    // that leads to the same block
  std::uint64_t target = 0;  // of the guest
  std::uint64_t site = 0;    // the 32-bit displacement that leads to the stub
  std::uint64_t native = 0;  // the stub; or code that makes the system call or configures the tiles

  Exit() = default;
  Exit(ExitKind what, std::uint64_t where, std::uint64_t displacement = 0)
      : kind(what), target(where), site(displacement) {}
  Exit(const Exit& other) : Exit(other.kind, other.target, other.site) {}
  Exit& operator=(const Exit& other) {
    kind = other.kind;
    linked = false;
    next = 0;
    target = other.target;
    site = other.site;
    native = 0;
    return *this;
  }
};

class Translation {
 public:
  enum class Scope : std::uint8_t {
    function,  // a function that is called to be counted: its code is looked at on every entry
    process    // all of it, from where it is taken over
  };

  /// Fewer than the most blocks, for tests, at least 128. `source`: of what it computes. Throws
  /// std::bad_alloc.
  explicit Translation(Scope scope, std::uint32_t max_blocks = arena::max_blocks,
                       PageSource source = private_pages);
  ~Translation();
  Translation(const Translation&) = delete;
  Translation& operator=(const Translation&) = delete;

  // Without the lock.
  /// AddressTable::none: there is no living one.
  std::uint32_t find(std::uint64_t address) const {
    const std::uint32_t found = table_.find(address);
    return found == AddressTable::none || blocks_[found].dead ? AddressTable::none : found;
  }
  /// It will be looked for soon.
  void expect(std::uint64_t address) const { table_.expect(address); }
  const Block& block(std::uint32_t i) const { return blocks_[i]; }
  std::uint32_t block_count() const { return blocks_.size(); }
  Exit& exit(std::uint32_t i) { return exits_[i]; }
  /// Makes the exit go straight to that block from now on.
  void link(std::uint32_t exit, std::uint32_t block);
  /// Lets indirect branches find the block, which has an entry.
  void enter_by_branches(std::uint32_t block);
  /// Indirect branches find another block in its place, of an address with the same low bits.
  bool needs_link(std::uint32_t block);
  /// How often that was mended for the low bits of this address.
  int links_at(std::uint64_t address) { return branches_.links(address); }
  Scope scope() const { return scope_; }
  /// An instruction with a rep prefix was translated: it counts once.
  bool repeated() const { return repeated_; }
  void forget_repeated() { repeated_ = false; }
  /// The program has opened memory as a file, by which it can write what it runs.
  void note_memory_file() { opened_memory_ = true; }
  bool opened_memory() const { return opened_memory_; }

  // These take the lock; the first needs vector registers.
  /// The block of that address, which is translated where none is known; with an entry, if it is to
  /// be entered by an indirect branch. AddressTable::none: there is no room.
  std::uint32_t translate(std::uint64_t address, bool by_branch);
  /// The same, for whoever holds the lock already.
  std::uint32_t translate_locked(std::uint64_t address, bool by_branch);
  /// Code of the guest between these addresses may no longer be what it was.
  void invalidate(std::uint64_t begin, std::uint64_t end);
  /// Invalidates what is not as it was when it was translated.
  void verify();

  /// No thread may be in translated code.
  void forget_all();
  bool is_full();

  /// In a forked process: what it computes is copied to pages of its own.
  bool copy_contents();
  /// Called, with the lock, when there is more code than before.
  void (*grown)(const Translation& translation) = nullptr;

  Changeable& changeable() { return changeable_; }
  WrittenFiles& written_files() { return written_files_; }
  Mutex& mutex() { return mutex_; }
  /// Which instruction of the guest this one, in translated code, is a copy of, or belongs to; 0:
  /// of none. By a search of all blocks.
  std::uint64_t source_of(std::uint64_t code) const;
  /// With the lock: a part of the block of which this, in translated code, is an instruction. As
  /// executed so many times more, the block counts as what stands before the instruction.
  struct Part {
    std::uint32_t number;  // as of a block; 0: there is no room
    std::int64_t times;
  };
  Part part_at(std::uint64_t code);
  bool holds(std::uint64_t code) const { return cache_.holds(code); }
  const BlockContents& contents() const { return contents_; }
  const Items& items() const { return items_; }
  const TileItems& tile_items() const { return tile_items_; }
  std::uint32_t mask_sum_count() const { return mask_sums_; }

  /// Where a handler of signals returns to, as it is; 0: nothing of that kind is counted.
  std::uint64_t handler_returns = 0;
  Translation* enlisted_next = nullptr;

  // For Trace, which writes the code.
  Plan plan_room;  // of the block that is translated
  std::uint32_t add_block(const Plan& plan, const std::uint8_t* bytes, std::uint64_t code,
                          std::uint32_t trace);
  void add_spot(std::uint64_t source, std::uint64_t code);
  /// From there on the latest block has been counted.
  void note_count(std::uint64_t code);
  void publish(std::uint32_t block);
  void set_entry(std::uint32_t block, std::uint64_t entry) { blocks_[block].entry = entry; }
  /// Arithmetic of the latest block; mask_sum 0: it has no mask.
  void add_item(const Arithmetic& arithmetic, std::uint32_t mask_sum);
  void add_tile_item(const Arithmetic& arithmetic, const Tiles& tiles);
  std::uint32_t add_mask_sum() { return ++mask_sums_; }
  std::uint32_t add_exit(const Exit& exit) { return exits_.push(exit); }
  std::uint32_t exits_end() const { return exits_.size(); }
  void note_repeated() { repeated_ = true; }
  std::uint64_t branches() const { return branches_.address(); }
  /// As readable_bytes. Of a process, whose changes of its mappings are told, a page is asked about
  /// once.
  std::size_t readable_code(std::uint64_t address, std::size_t most);
  bool changes_by_itself(std::uint64_t address, std::uint32_t length) {
    if (scope_ == Scope::function) return false;
    changeable_.mutex.lock();
    const bool changes = changeable_.holds(address, address + length);
    changeable_.mutex.unlock();
    return changes;
  }

 private:
  // Blocks by address, so that a range is found without going through all of them.
  static constexpr std::uint64_t neighbourhood_bytes = 2U << 20;
  struct Neighbourhood {
    std::uint64_t number;
    std::uint32_t first;  // block; 0: there is none
  };

  std::uint32_t block_of(std::uint64_t code) const;
  std::uint32_t spots_end(std::uint32_t block) const;
  std::uint32_t add_part(const Block& block, std::uint64_t begin, std::uint64_t end);
  void put_in_neighbourhood(std::uint32_t number);
  void kill_trace(std::uint32_t number);
  bool is_readable_page(std::uint64_t page);
  void forget_readable_pages(std::uint64_t begin, std::uint64_t end);
  void unlink(Exit& exit);
  template <class Predicate>
  void kill_if(Neighbourhood& place, Predicate is_stale);
  bool is_unchanged(const Block& block) const;
  void add_entry(std::uint32_t number);
  void add_link(std::uint32_t number);
  void let_branches_enter(std::uint32_t number);
  void bring_to_front(std::uint32_t number);
  bool is_as_translated(const Block& block);
  std::uint32_t revive(std::uint64_t address);

  Scope scope_;
  std::uint32_t max_blocks_;
  Mutex mutex_;
  CodeCache cache_;
  AddressTable table_;
  BranchTable branches_;
  Pool<Block, 1U << 13, arena::max_blocks / (1U << 13)> blocks_;
  Pool<Exit, 1U << 14, arena::max_blocks * 4 / (1U << 14)> exits_;
  Pool<Neighbourhood, 1U << 10, 64> neighbourhoods_;
  Pool<std::uint8_t, 1U << 20, 128> bytes_;
  Pool<Spot, 1U << 14, 1U << 12> spots_;
  BlockContents contents_;
  Items items_;
  TileItems tile_items_;
  std::uint32_t latest_neighbourhood_ = 0;
  std::uint32_t mask_sums_ = 0;
  bool repeated_ = false;
  bool opened_memory_ = false;
  std::array<std::uint64_t, 2048> readable_pages_{};  // by their numbers; 0: none
  Changeable changeable_;
  WrittenFiles written_files_;
  struct KnownPart {
    std::uint64_t code;
    Part part;
  };
  std::array<KnownPart, 1024> parts_;  // as far as there are any
  std::uint32_t part_count_ = 0;
};

}  // namespace flopmeter::executed
