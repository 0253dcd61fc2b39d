// The caches of this machine: how large, and how to empty them of a kernel's operands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace flopmeter {

/// "32768K" and "1M", as sysfs shows sizes, in bytes; 0 for anything else.
std::int64_t parse_cache_size(std::string_view text);

/// Bytes of the largest cache that the first core sees: from sysfs below `root`, else as the C
/// library says, else 32 MiB.
std::int64_t last_level_cache_bytes(const std::filesystem::path& root = "/");

inline constexpr std::size_t cache_line_bytes = 64;

/// Reads one number of lines of some memory, so far apart, in order.
void read_lines(std::span<const std::byte> memory, std::size_t apart = cache_line_bytes);

/// Replaces what the caches hold by memory that nobody needs.
class CacheEvictor {
 public:
  /// Allocates twice the size: caches do not replace strictly by age.
  explicit CacheEvictor(std::int64_t cache_bytes);

  /// Reads all of it on each of so many cores, whose first levels are their own. Reads, because the
  /// write-back of changed lines would go on while the kernel is timed.
  void evict(int threads);

 private:
  std::vector<std::int64_t> memory_;
};

/// Replaces what the cores hold of address translation: a network goes through more pages between two uses
/// of a node than they hold.
class TranslationEvictor {
 public:
  /// Allocates so many pages of 4 KiB; the second levels of today's cores hold 1,024 to 4,096.
  explicit TranslationEvictor(std::int64_t pages);

  /// Reads one line of each page on each of so many cores, which hardly changes their caches.
  void evict(int threads);

 private:
  std::vector<std::int64_t> memory_;
};

}  // namespace flopmeter
