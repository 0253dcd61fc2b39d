// Where indirect branches find translated code: the entry of a block, by the low 16 bits of the
// guest's address.
//
// An entry is one word, so that threads read it while others write it: the code that it leads to
// looks itself whether it is what the branch wants. The table lies in the lowest 2 GiB, where
// instructions name it by an absolute address and an index.
#pragma once

#include <atomic>
#include <cstdint>

namespace flopmeter::executed {

class BranchTable {
 public:
  static constexpr std::uint32_t entries = 0x10000;

  /// All lead to `dispatcher`. Throws std::bad_alloc.
  explicit BranchTable(std::uint64_t dispatcher);
  ~BranchTable();
  BranchTable(const BranchTable&) = delete;
  BranchTable& operator=(const BranchTable&) = delete;

  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(table_); }

  void set(std::uint64_t target, std::uint64_t entry) {
    of(target).store(entry, std::memory_order_seq_cst);
  }
  /// Where it leads to that entry.
  void reset(std::uint64_t target, std::uint64_t entry) {
    of(target).compare_exchange_strong(entry, dispatcher_);
  }
  void clear();

 private:
  std::atomic_ref<std::uint64_t> of(std::uint64_t target) {
    return std::atomic_ref<std::uint64_t>(table_[target % entries]);
  }

  std::uint64_t dispatcher_;
  std::uint64_t* table_;
};

}  // namespace flopmeter::executed
