// From an address of the guest to the block that starts there.
#pragma once

#include <cstdint>

namespace flopmeter::executed {

/// A hash table that grows by itself. Looking up neither allocates nor uses a vector register.
class AddressTable {
 public:
  static constexpr std::uint32_t none = ~0U;

  AddressTable();
  ~AddressTable();
  AddressTable(const AddressTable&) = delete;
  AddressTable& operator=(const AddressTable&) = delete;

  /// The block of that address, or none.
  std::uint32_t find(std::uint64_t address) const {
    const Entry& entry = entries_[slot(address)];
    return entry.address == address ? entry.block : none;
  }

  /// Sets or replaces the block of that address, which is not 0. Throws std::bad_alloc.
  void set(std::uint64_t address, std::uint32_t block);

  void clear();

 private:
  struct Entry {
    std::uint64_t address;  // 0: free
    std::uint32_t block;
  };

  // Where the address is, or where it would be put.
  std::uint32_t slot(std::uint64_t address) const {
    constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
    auto i = static_cast<std::uint32_t>((address * spread) >> 32U) & (capacity_ - 1);
    while (entries_[i].address != 0 && entries_[i].address != address)
      i = (i + 1) & (capacity_ - 1);
    return i;
  }
  void grow();

  Entry* entries_;
  std::uint32_t capacity_;
  std::uint32_t size_ = 0;
};

}  // namespace flopmeter::executed
