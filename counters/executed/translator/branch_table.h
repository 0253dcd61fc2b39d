// Where indirect branches find translated code: the entry of a block, by the low 16 bits of the
// guest's address.
//
// An entry is one word, so that threads read it while others write it: the code that it leads to
// looks itself whether it is what the branch wants, and may lead on to that of another block with the
// same low bits (Translation::chain). The table lies in the lowest 2 GiB, where
// instructions name it by an absolute address and an index.
#pragma once

#include <atomic>
#include <cstdint>

namespace flopmeter::executed {

class BranchTable {
 public:
  static constexpr std::uint32_t entries = 0x10000;
  /// So often an entry becomes longer; then the latest block has it alone.
  static constexpr std::uint8_t most_links = 8;

  /// All lead to `dispatcher`. Throws std::bad_alloc.
  explicit BranchTable(std::uint64_t dispatcher);
  ~BranchTable();
  BranchTable(const BranchTable&) = delete;
  BranchTable& operator=(const BranchTable&) = delete;

  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(table_); }

  void set(std::uint64_t target, std::uint64_t entry) {
    of(target).store(entry, std::memory_order_seq_cst);
  }
  /// Where it leads now; 0: to the dispatcher.
  std::uint64_t entry(std::uint64_t target) {
    const std::uint64_t found = of(target).load(std::memory_order_seq_cst);
    return found == dispatcher_ ? 0 : found;
  }
  /// How often links were added for the low bits of that address. For one thread at a time.
  std::uint8_t& links(std::uint64_t target) { return links_[target % entries]; }
  /// Where it leads to that entry.
  void reset(std::uint64_t target, std::uint64_t entry) {
    of(target).compare_exchange_strong(entry, dispatcher_);
  }
  /// To the dispatcher, with all blocks that share the entry.
  void reset(std::uint64_t target) { set(target, dispatcher_); }
  void clear();

 private:
  std::atomic_ref<std::uint64_t> of(std::uint64_t target) {
    return std::atomic_ref<std::uint64_t>(table_[target % entries]);
  }

  std::uint64_t dispatcher_;
  std::uint64_t* table_;
  std::uint8_t* links_;  // behind it
};

}  // namespace flopmeter::executed
