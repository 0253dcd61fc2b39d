// Memory to measure memory with: aligned, on large pages where they can be had.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace flopmeter {

/// An anonymous mapping of its own, aligned to 2 MiB, between pages that nobody may touch. No page
/// is there before it is touched.
class MemoryPages {
 public:
  /// Above 64 KiB it asks for transparent huge pages: address translation is not what is measured.
  /// Throws std::runtime_error when there is no such address space.
  explicit MemoryPages(std::int64_t bytes);
  ~MemoryPages();
  MemoryPages(MemoryPages&& other) noexcept;
  MemoryPages& operator=(MemoryPages&&) = delete;
  MemoryPages(const MemoryPages&) = delete;
  MemoryPages& operator=(const MemoryPages&) = delete;

  std::byte* data() const { return data_; }

 private:
  std::byte* reserved_;
  std::size_t reserved_bytes_;
  std::byte* data_;
};

/// How much of a mapping is there, and how much of that on huge pages, in bytes.
struct PageUse {
  std::int64_t resident = 0;
  std::int64_t huge = 0;
};

/// Of the mapping that begins at `data`, from /proc/self/smaps below `root`; empty when it cannot
/// be read.
std::optional<PageUse> page_use(const std::byte* data, const std::filesystem::path& root = "/");

/// "4 KiB", "2 MiB (transparent)", "2 MiB (transparent), 75 %" of what is resident, "unknown".
std::string describe(const std::optional<PageUse>& use);

}  // namespace flopmeter
