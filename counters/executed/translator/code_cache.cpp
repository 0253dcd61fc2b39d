#include "counters/executed/translator/code_cache.h"

#include <asm/unistd_64.h>
#include <sys/mman.h>

#include <algorithm>

#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

constexpr std::uint64_t reach = 7ULL << 28;  // 1.75 GiB: leaves room for operands beyond the code
constexpr std::uint64_t step = 32ULL << 20;
constexpr std::uint32_t smallest = 2U << 20;
constexpr std::uint32_t largest = 16U << 20;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

bool reaches(const Region& region, std::uint64_t address) {
  return distance(region.code, address) < reach &&
         distance(region.code + region.bytes, address) < reach;
}

// Without errno, which is the guest's: a place that is taken is no failure of its own.
void* map(std::uint64_t wanted, std::uint32_t bytes, int flags) {
  constexpr std::uint64_t no_file = ~std::uint64_t{0};
  const long got = system_call(
      __NR_mmap, wanted, bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
      static_cast<std::uint64_t>(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags), no_file, 0);
  return has_failed(got) ? MAP_FAILED : reinterpret_cast<void*>(got);
}

void* map_at(std::uint64_t wanted, std::uint32_t bytes) {
  void* const got = map(wanted, bytes, MAP_FIXED_NOREPLACE);
  if (got == MAP_FAILED) return nullptr;
  if (got == reinterpret_cast<void*>(wanted)) return got;
  munmap(got, bytes);  // a kernel that does not know the flag
  return nullptr;
}

// Nearest first; below, because the heap and new mappings grow upwards from a program and downwards
// from the libraries, and stay clear of both for longest.
void* map_near(std::uint64_t address, std::uint32_t bytes) {
  const std::uint64_t base = address / step * step;
  for (std::uint64_t away = 4 * step; away < reach - step; away += step) {
    if (base > away)
      if (void* const got = map_at(base - away, bytes)) return got;
  }
  for (std::uint64_t away = 4 * step; away < reach - 2 * step; away += step)
    if (void* const got = map_at(base + away, bytes)) return got;
  void* const anywhere = map(0, bytes, 0);
  return anywhere == MAP_FAILED ? nullptr : anywhere;
}

// A trace seldom has more than a quarter of that.
void populate_ahead(Region& region) {
  constexpr std::uint32_t chunk = 64U << 10;
  if (region.used + chunk / 4 <= region.populated || region.populated == region.bytes) return;
  const std::uint32_t from = std::max(region.populated, region.used / chunk * chunk);
  const std::uint32_t bytes = std::min(chunk, region.bytes - from);
  populate(reinterpret_cast<void*>(region.code + from), bytes);
  region.populated = from + bytes;
}

}  // namespace

void CodeCache::release() {
  for (std::size_t i = 0; i < count_; ++i)
    munmap(reinterpret_cast<void*>(regions_[i].code), regions_[i].bytes);
  count_ = 0;
}

Region* CodeCache::near(std::uint64_t address, std::uint32_t room) {
  Region* far = nullptr;
  for (std::size_t i = count_; i-- > 0;) {
    Region& region = regions_[i];
    if (region.bytes - region.used < room) continue;
    if (reaches(region, address)) {
      populate_ahead(region);
      return &region;
    }
    far = &region;
  }
  Region* const made = make(address);
  return made == nullptr ? far : made;
}

// Twice as large as the latest one, so that small programs stay small.
Region* CodeCache::make(std::uint64_t address) {
  if (count_ == max_regions) return nullptr;
  const std::uint32_t bytes =
      count_ == 0 ? smallest : std::min(2 * regions_[count_ - 1].bytes, largest);
  void* const code = map_near(address, bytes);
  if (code == nullptr) return nullptr;
  regions_[count_] = {reinterpret_cast<std::uint64_t>(code), bytes, 0, 0};
  populate_ahead(regions_[count_]);
  return &regions_[count_++];
}

bool CodeCache::holds(std::uint64_t code) const {
  return std::any_of(regions_.begin(), regions_.begin() + count_,
                     [=](const Region& region) { return code - region.code < region.bytes; });
}

void CodeCache::clear() {
  for (Region& region : regions_) region.used = 0;
}

}  // namespace flopmeter::executed
