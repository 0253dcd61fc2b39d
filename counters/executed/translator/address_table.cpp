#include "counters/executed/translator/address_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace flopmeter::executed {
namespace {

constexpr std::uint32_t initial_capacity = 1U << 13;

template <class Entry>
Entry* zeroed(std::uint32_t capacity) {
  void* const pages = mmap(nullptr, capacity * sizeof(Entry), PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return static_cast<Entry*>(pages);
}

}  // namespace

AddressTable::AddressTable()
    : entries_(zeroed<Entry>(initial_capacity)), capacity_(initial_capacity) {}

AddressTable::~AddressTable() { munmap(entries_, capacity_ * sizeof(Entry)); }

void AddressTable::set(std::uint64_t address, std::uint32_t block) {
  if (size_ * 2 >= capacity_) grow();
  Entry& entry = entries_[slot(address)];
  if (entry.address == 0) ++size_;
  entry = {address, block};
}

void AddressTable::clear() {
  std::fill_n(entries_, capacity_, Entry{});
  size_ = 0;
}

void AddressTable::grow() {
  Entry* const old = entries_;
  const std::uint32_t old_capacity = capacity_;
  entries_ = zeroed<Entry>(old_capacity * 2);
  capacity_ = old_capacity * 2;
  for (std::uint32_t i = 0; i < old_capacity; ++i)
    if (old[i].address != 0) entries_[slot(old[i].address)] = old[i];
  munmap(old, old_capacity * sizeof(Entry));
}

}  // namespace flopmeter::executed
