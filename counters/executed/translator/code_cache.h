// Room for translated code within reach of the code that it stands for.
//
// Instructions reach 2 GiB to either side with their RIP-relative operands, and are copied as they
// are; so each neighbourhood of the guest's code gets a region of its own. Each region is mapped
// twice, once to be written and once to be run: nothing is ever writable and executable.
#pragma once

#include <array>
#include <cstdint>

namespace flopmeter::executed {

/// A region: `code` is where it runs. A byte at address a is written at a + writable.
struct Region {
  std::uint64_t code = 0;
  std::uint64_t writable = 0;  // the distance between the two mappings
  std::uint32_t used = 0;      // bytes
};

class CodeCache {
 public:
  static constexpr std::uint32_t region_bytes = 64U << 20;
  static constexpr std::size_t max_regions = 16;

  CodeCache() = default;
  ~CodeCache();
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  /// A region whose every byte is within 1.75 GiB of the address; it is made when there is none.
  /// nullptr: the address space has no room there. Does not allocate from the heap.
  Region* near(std::uint64_t address);

  /// The region that holds this translated code.
  const Region& region_of(std::uint64_t code) const {
    const Region* region = regions_.data();
    while (code - region->code >= region_bytes) ++region;
    return *region;
  }

  /// Forgets all code.
  void clear();
  /// Forgets all code and unmaps the regions.
  void release();

 private:
  Region* make(std::uint64_t address);

  std::array<Region, max_regions> regions_{};
  std::size_t count_ = 0;
};

}  // namespace flopmeter::executed
