#include "app/memory_ahead.h"

#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace flopmeter {
namespace {

constexpr std::size_t huge_page = 2U << 20U;

/// What follows begins a huge page, where malloc takes one block after another, as it does. Never given back, and
/// never written.
void skip_to_huge_page(std::size_t bytes) {
  static std::vector<void*> skipped;
  skipped.reserve(skipped.size() + 1);
  void* const next = std::malloc(bytes + huge_page);
  const std::size_t gap = -reinterpret_cast<std::uintptr_t>(next) % huge_page;
  std::free(next);
  if (constexpr std::size_t header = sizeof(std::size_t); gap > header) {
    skipped.push_back(std::malloc(gap - header));
  }
}

}  // namespace

void make_memory(std::size_t bytes) {
  constexpr std::size_t most = 64U << 20U;
  mallopt(M_MMAP_THRESHOLD, most);
  mallopt(M_TRIM_THRESHOLD, most);
  const std::size_t size = (std::min(bytes, most / 2) + huge_page - 1) / huge_page * huge_page;
  skip_to_huge_page(size);
  void* const block = std::malloc(size);
  constexpr int populate_write =
      23;  // MADV_POPULATE_WRITE, of Linux 5.14: else they are made when touched
  // Refused where the block begins no page.
  madvise(block, size, MADV_HUGEPAGE);
  madvise(block, size, populate_write);
  std::free(block);
}

}  // namespace flopmeter
