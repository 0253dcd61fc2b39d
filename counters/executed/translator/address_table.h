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

  /// Has the memory fetched where the address will be looked up.
  void expect(std::uint64_t address) const {
    const Entries* const entries = entries_.load(std::memory_order_acquire);
    __builtin_prefetch(&entries->at[first_slot(*entries, address)]);
  }

  /// Sets or replaces the block of that address, which is not 0. Throws std::bad_alloc.
  void set(std::uint64_t address, std::uint32_t block);

  void clear();

 private:
  static constexpr std::uint32_t group_entries = 16;
  struct Entry {
    std::atomic<std::uint64_t> address;  // 0: free
    std::atomic<std::uint32_t> block;
  };
  struct Entries {
    std::uint64_t bytes;
    Entries* smaller;  // from which it has grown: others may still look there
    std::uint32_t capacity;
    std::uint32_t shift;  // of 32 bits to the number of a group
    Entry at[1];
  };

  // Where the address is, or where it would be put. Addresses of the same 128 bytes are looked up
  // beside one another, and a larger table has them in nearly the same order.
  static std::uint32_t slot(const Entries& entries, std::uint64_t address) {
    for (std::uint32_t i = first_slot(entries, address);; i = (i + 1) & (entries.capacity - 1)) {
      const std::uint64_t found = entries.at[i].address.load(std::memory_order_relaxed);
      if (found == 0 || found == address) return i;
    }
  }
  static std::uint32_t first_slot(const Entries& entries, std::uint64_t address) {
    constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
    constexpr std::uint64_t near = 128;
    const auto group = static_cast<std::uint32_t>((address / near * spread) >> 32U);
    const auto place = static_cast<std::uint32_t>(address % near / (near / group_entries));
    return (group >> entries.shift) * group_entries + place;
  }
  static Entries* make(std::uint32_t capacity);
  static void put(Entries& entries, std::uint64_t address, std::uint32_t block);
  void grow();

  std::atomic<Entries*> entries_;
  std::uint32_t size_ = 0;
};

}  // namespace flopmeter::executed
