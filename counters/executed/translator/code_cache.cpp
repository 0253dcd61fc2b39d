#include "counters/executed/translator/code_cache.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace flopmeter::executed {
namespace {

constexpr std::uint64_t reach = 7ULL << 28;  // 1.75 GiB: leaves room for operands beyond the code
constexpr std::uint64_t step = 32ULL << 20;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

bool reaches(std::uint64_t region, std::uint64_t address) {
  return distance(region, address) < reach &&
         distance(region + CodeCache::region_bytes, address) < reach;
}

// Where to try, nearest first; below, because the heap and new mappings grow upwards from a program
// and downwards from the libraries, and stay clear of both for longest.
void* map_at(std::uint64_t hint, int file) {
  void* const wanted = reinterpret_cast<void*>(hint);
  void* const got = mmap(wanted, CodeCache::region_bytes, PROT_READ | PROT_EXEC,
                         MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
  if (got == MAP_FAILED) return nullptr;
  if (got == wanted) return got;
  munmap(got, CodeCache::region_bytes);  // a kernel that does not know the flag
  return nullptr;
}

void* map_near(std::uint64_t address, int file) {
  const std::uint64_t base = address / step * step;
  for (std::uint64_t away = 4 * step; away < reach - CodeCache::region_bytes; away += step) {
    if (base > away)
      if (void* const got = map_at(base - away, file)) return got;
  }
  for (std::uint64_t away = 4 * step; away < reach - 2UL * CodeCache::region_bytes; away += step)
    if (void* const got = map_at(base + away, file)) return got;
  return nullptr;
}

}  // namespace

CodeCache::~CodeCache() { release(); }

void CodeCache::release() {
  for (std::size_t i = 0; i < count_; ++i) {
    munmap(reinterpret_cast<void*>(regions_[i].code), region_bytes);
    munmap(reinterpret_cast<void*>(regions_[i].code + regions_[i].writable), region_bytes);
  }
  count_ = 0;
}

Region* CodeCache::near(std::uint64_t address) {
  auto* const end = regions_.begin() + count_;
  auto* const found = std::find_if(
      regions_.begin(), end, [&](const Region& region) { return reaches(region.code, address); });
  return found != end ? found : make(address);
}

Region* CodeCache::make(std::uint64_t address) {
  if (count_ == max_regions) return nullptr;
  const int file = memfd_create("flopmeter", MFD_CLOEXEC);
  if (file < 0) return nullptr;
  void* writable = MAP_FAILED;
  void* code = nullptr;
  if (ftruncate(file, region_bytes) == 0)
    writable = mmap(nullptr, region_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (writable != MAP_FAILED) code = map_near(address, file);
  close(file);
  if (code == nullptr) {
    if (writable != MAP_FAILED) munmap(writable, region_bytes);
    return nullptr;
  }
  const auto at = reinterpret_cast<std::uint64_t>(code);
  regions_[count_] = {at, reinterpret_cast<std::uint64_t>(writable) - at, 0};
  return &regions_[count_++];
}

void CodeCache::clear() {
  for (Region& region : regions_) region.used = 0;
}

}  // namespace flopmeter::executed
