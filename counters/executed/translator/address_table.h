// From an address of the guest to the block that starts there.
#pragma once

#include <atomic>
#include <cstdint>

namespace flopmeter::executed {

/// A hash table that grows by itself. One thread at a time may change it, any may look up
/// meanwhile. Looking up neither allocates nor uses a vector register.
class AddressTable {
 public:
  static constexpr std::uint32_t none = ~0U;

  AddressTable();
  ~AddressTable();
  AddressTable(const AddressTable&) = delete;
  AddressTable& operator=(const AddressTable&) = delete;

  /// The block of that address, or none.
  std::uint32_t find(std::uint64_t address) const {
    const Entries* const entries = entries_.load(std::memory_order_acquire);
    const Entry& entry = entries->at[slot(*entries, address)];
    return entry.address.load(std::memory_order_acquire) == address
               ? entry.block.load(std::memory_order_relaxed)
               : none;
  }

  /// Sets or replaces the block of that address, which is not 0. Throws std::bad_alloc.
  void set(std::uint64_t address, std::uint32_t block);

  void clear();

 private:
  struct Entry {
    std::atomic<std::uint64_t> address;  // 0: free
    std::atomic<std::uint32_t> block;
  };
  struct Entries {
    std::uint64_t bytes;
    Entries* smaller;  // from which it has grown: others may still look there
    std::uint32_t capacity;
    Entry at[1];
  };

  // Where the address is, or where it would be put.
  static std::uint32_t slot(const Entries& entries, std::uint64_t address) {
    constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
    auto i = static_cast<std::uint32_t>((address * spread) >> 32U) & (entries.capacity - 1);
    for (;; i = (i + 1) & (entries.capacity - 1)) {
      const std::uint64_t found = entries.at[i].address.load(std::memory_order_relaxed);
      if (found == 0 || found == address) return i;
    }
  }
  static Entries* make(std::uint32_t capacity);
  static void put(Entries& entries, std::uint64_t address, std::uint32_t block);
  void grow();

  std::atomic<Entries*> entries_;
  std::uint32_t size_ = 0;
};

}  // namespace flopmeter::executed
