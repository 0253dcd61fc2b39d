#include "bench/machine/memory_pages.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "results/system_file.h"

namespace flopmeter {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20U;
constexpr std::int64_t worth_huge_pages = std::int64_t{64} << 10U;

std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// The N of "Key:    N kB", in bytes, if the line has this key.
std::optional<std::int64_t> kilobytes_of(std::string_view line, std::string_view key) {
  const std::vector<std::string> words = split(line);
  std::int64_t value = 0;
  if (words.size() < 2 || words[0] != key ||
      std::from_chars(words[1].data(), words[1].data() + words[1].size(), value).ec !=
          std::errc()) {
    return {};
  }
  return value * 1024;
}

}  // namespace

MemoryPages::MemoryPages(std::int64_t bytes) {
  const bool large = bytes > worth_huge_pages;
  const std::size_t unit = large ? huge_page : static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t used = round_up(static_cast<std::size_t>(bytes), unit);
  reserved_bytes_ = used + 3 * huge_page;
  void* const reserved =
      mmap(nullptr, reserved_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) {
    throw std::runtime_error(fmt::format("cannot map {} bytes of memory", bytes));
  }
  reserved_ = static_cast<std::byte*>(reserved);
  const auto address = std::bit_cast<std::uintptr_t>(reserved_);
  data_ = reserved_ + (round_up(address + 1, huge_page) - address);
  if (mprotect(data_, used, PROT_READ | PROT_WRITE) != 0) {
    munmap(reserved_, reserved_bytes_);
    throw std::runtime_error(fmt::format("cannot map {} bytes of memory", bytes));
  }
  madvise(data_, used,
          large ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);  // a wish: page_use() has the truth
}

MemoryPages::~MemoryPages() {
  if (reserved_ != nullptr) {
    munmap(reserved_, reserved_bytes_);
  }
}

MemoryPages::MemoryPages(MemoryPages&& other) noexcept
    : reserved_(std::exchange(other.reserved_, nullptr)),
      reserved_bytes_(other.reserved_bytes_),
      data_(other.data_) {}

std::optional<PageUse> page_use(const std::byte* data, const std::filesystem::path& root) {
  const std::string begin = fmt::format("{:x}-", std::bit_cast<std::uintptr_t>(data));
  std::ifstream smaps(root / "proc/self/smaps");
  std::string line;
  while (std::getline(smaps, line) && !line.starts_with(begin)) {
  }
  std::optional<std::int64_t> resident;
  std::optional<std::int64_t> huge;
  while (!(resident && huge) && std::getline(smaps, line) && !line.starts_with("VmFlags:")) {
    resident = resident ? resident : kilobytes_of(line, "Rss:");
    huge = huge ? huge : kilobytes_of(line, "AnonHugePages:");
  }
  return resident && huge ? std::optional(PageUse{*resident, *huge}) : std::nullopt;
}

std::string describe(const std::optional<PageUse>& use) {
  if (!use || use->resident <= 0) {
    return "unknown";
  }
  if (use->huge == 0) {
    return fmt::format("{} KiB", sysconf(_SC_PAGESIZE) / 1024);
  }
  const double share = static_cast<double>(use->huge) / static_cast<double>(use->resident);
  return share > 0.99 ? "2 MiB (transparent)"
                      : fmt::format("2 MiB (transparent), {:.0f} %", 100 * share);
}

}  // namespace flopmeter
