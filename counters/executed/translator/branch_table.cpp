#include "counters/executed/translator/branch_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace flopmeter::executed {
namespace {

constexpr std::size_t table_bytes = BranchTable::entries * (sizeof(std::uint64_t) + 1);

void* map_at(std::uint64_t wanted, int flags) {
  return mmap(reinterpret_cast<void*>(wanted), table_bytes, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE | flags, -1, 0);
}

// Below a program that fills the lowest 2 GiB itself there is always room: it starts at 4 MiB.
void* map_low() {
  constexpr std::uint64_t lowest = 1U << 16;  // the kernel's vm.mmap_min_addr
  constexpr std::uint64_t step = 1U << 19;
  constexpr std::uint64_t end = 1ULL << 31;
  void* const usual = map_at(0, MAP_32BIT);
  if (usual != MAP_FAILED) return usual;
  for (std::uint64_t at = lowest; at + table_bytes <= end; at += step) {
    void* const got = map_at(at, MAP_FIXED_NOREPLACE);
    if (got != MAP_FAILED) return got;
  }
  throw std::bad_alloc();
}

}  // namespace

BranchTable::BranchTable(std::uint64_t dispatcher)
    : dispatcher_(dispatcher),
      table_(static_cast<std::uint64_t*>(map_low())),
      links_(reinterpret_cast<std::uint8_t*>(table_ + entries)) {
  clear();
}

BranchTable::~BranchTable() { munmap(table_, table_bytes); }

void BranchTable::clear() {
  std::fill_n(table_, entries, dispatcher_);
  std::fill_n(links_, entries, std::uint8_t{0});
}

}  // namespace flopmeter::executed
