#include "counters/executed/translator/branch_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "counters/executed/translator/memory.h"

namespace flopmeter::executed {
namespace {

constexpr std::size_t table_bytes = BranchTable::entries * (sizeof(std::uint64_t) + 1);
constexpr std::size_t huge_page = 2U << 20;

void* map_at(std::uint64_t wanted, std::size_t bytes, int flags) {
  return mmap(reinterpret_cast<void*>(wanted), bytes, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

// Every page of it is written at once and read at random: one huge page, where there are any, takes a tenth of
// the time that small ones do to be made.
void* map_huge() {
  constexpr std::size_t bytes = 2 * huge_page;
  void* const got = map_at(0, bytes, MAP_32BIT);
  if (got == MAP_FAILED) return got;
  const auto begin = reinterpret_cast<std::uint64_t>(got);
  const std::uint64_t table = (begin + huge_page - 1) & ~(huge_page - 1);
  const auto unmap = [](std::uint64_t from, std::uint64_t to) {
    if (from != to) munmap(reinterpret_cast<void*>(from), to - from);
  };
  unmap(begin, table);
  unmap(table + huge_page, begin + bytes);
  madvise(reinterpret_cast<void*>(table), huge_page, MADV_HUGEPAGE);
  return reinterpret_cast<void*>(table);
}

// Below a program that fills the lowest 2 GiB itself there is always room: it starts at 4 MiB.
void* map_low() {
  constexpr std::uint64_t lowest = 1U << 16;  // the kernel's vm.mmap_min_addr
  constexpr std::uint64_t step = 1U << 19;
  constexpr std::uint64_t end = 1ULL << 31;
  void* const usual = map_huge();
  if (usual != MAP_FAILED) return usual;
  for (std::uint64_t at = lowest; at + huge_page <= end; at += step) {
    void* const got = map_at(at, huge_page, MAP_FIXED_NOREPLACE);
    if (got != MAP_FAILED) return got;
  }
  throw std::bad_alloc();
}

}  // namespace

BranchTable::BranchTable(std::uint64_t dispatcher)
    : dispatcher_(dispatcher),
      table_(static_cast<std::uint64_t*>(map_low())),
      links_(reinterpret_cast<std::uint8_t*>(table_ + entries)) {
  populate(table_, table_bytes);
  clear();
}

BranchTable::~BranchTable() { munmap(table_, huge_page); }

void BranchTable::clear() {
  std::fill_n(table_, entries, dispatcher_);
  std::fill_n(links_, entries, std::uint8_t{0});
}

}  // namespace flopmeter::executed
