#include "counters/executed/translator/address_table.h"

#include <sys/mman.h>

#include <bit>
#include <new>

namespace flopmeter::executed {

AddressTable::Entries* AddressTable::make(std::uint32_t capacity) {
  const std::size_t bytes = sizeof(Entries) + capacity * sizeof(Entry);
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  auto* const entries = static_cast<Entries*>(pages);
  entries->bytes = bytes;
  entries->capacity = capacity;
  entries->shift = static_cast<std::uint32_t>(std::countl_zero(capacity / group_entries)) + 1;
  return entries;
}

AddressTable::AddressTable() {
  constexpr std::uint32_t initial_capacity = 1U << 13;
  entries_ = make(initial_capacity);
}

AddressTable::~AddressTable() {
  for (Entries* entries = entries_; entries != nullptr;) {
    Entries* const smaller = entries->smaller;
    munmap(entries, entries->bytes);
    entries = smaller;
  }
}

void AddressTable::put(Entries& entries, std::uint64_t address, std::uint32_t block) {
  Entry& entry = entries.at[slot(entries, address)];
  entry.block.store(block, std::memory_order_relaxed);
  entry.address.store(address, std::memory_order_release);
}

void AddressTable::set(std::uint64_t address, std::uint32_t block) {
  Entries* entries = entries_;
  if (entries->at[slot(*entries, address)].address.load() == 0 &&
      ++size_ * 2 >= entries->capacity) {
    grow();
    entries = entries_;
  }
  put(*entries, address, block);
}

void AddressTable::clear() {
  if (size_ == 0) return;
  Entries& entries = *entries_;
  for (std::uint32_t i = 0; i < entries.capacity; ++i) entries.at[i].address.store(0);
  size_ = 0;
}

void AddressTable::grow() {
  Entries* const old = entries_;
  Entries* const larger = make(old->capacity * 2);
  larger->smaller = old;
  for (std::uint32_t i = 0; i < old->capacity; ++i)
    if (const std::uint64_t address = old->at[i].address.load(); address != 0)
      put(*larger, address, old->at[i].block.load());
  entries_.store(larger, std::memory_order_release);
}

}  // namespace flopmeter::executed
