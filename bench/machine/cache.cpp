#include "bench/machine/cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "results/system_file.h"

namespace flopmeter {
namespace {

// A page of 4 KiB, and another line in each: the same one would meet in a few sets of the caches.
constexpr std::size_t pages_apart = 4096 + cache_line_bytes;

std::int64_t cache_bytes_of_sysfs(const std::filesystem::path& root) {
  std::int64_t largest = 0;
  for (int index = 0;; ++index) {
    const std::string size =
        first_line(root / fmt::format("sys/devices/system/cpu/cpu0/cache/index{}/size", index));
    if (size.empty()) {
      return largest;
    }
    largest = std::max(largest, parse_cache_size(size));
  }
}

std::int64_t cache_bytes_of_libc() {
  return std::max({sysconf(_SC_LEVEL2_CACHE_SIZE), sysconf(_SC_LEVEL3_CACHE_SIZE),
                   sysconf(_SC_LEVEL4_CACHE_SIZE)});
}

}  // namespace

std::int64_t parse_cache_size(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) {
    return 0;
  }
  const std::string_view unit(end, text.data() + text.size());
  return unit == "K" ? value * 1024 : unit == "M" ? value * 1024 * 1024 : unit.empty() ? value : 0;
}

std::int64_t last_level_cache_bytes(const std::filesystem::path& root) {
  const std::int64_t shown = cache_bytes_of_sysfs(root);
  if (shown > 0) {
    return shown;
  }
  const std::int64_t known = cache_bytes_of_libc();
  return known > 0 ? known : std::int64_t{32} << 20U;
}

// Ones: pages that were never written are all the same page of zeros, which stays in the cache.
CacheEvictor::CacheEvictor(std::int64_t cache_bytes)
    : memory_(2 * static_cast<std::size_t>(cache_bytes) / sizeof(std::int64_t), 1) {}

void read_lines(std::span<const std::byte> memory, std::size_t apart) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < memory.size(); i += apart) {
    sum += std::to_integer<unsigned>(memory[i]);
  }
  asm volatile("" : : "r"(sum));  // the sum is used, as far as the compiler knows
}

void CacheEvictor::evict(int threads) {
#pragma omp parallel num_threads(threads) if (threads > 1)
  read_lines(std::as_bytes(std::span(memory_)));
}

TranslationEvictor::TranslationEvictor(std::int64_t pages)
    : memory_(static_cast<std::size_t>(pages) * pages_apart / sizeof(std::int64_t), 1) {}

void TranslationEvictor::evict(int threads) {
#pragma omp parallel num_threads(threads) if (threads > 1)
  read_lines(std::as_bytes(std::span(memory_)), pages_apart);
}

}  // namespace flopmeter
