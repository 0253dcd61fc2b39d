// Room for translated code within reach of the code that it stands for.
//
// Instructions reach 2 GiB to either side with their RIP-relative operands, and are copied as they
// are; so each neighbourhood of the guest's code gets regions of its own, the first of them small.
// The pages are private and both written and run, so that a forked process goes on with a copy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace flopmeter::executed {

struct Region {
  std::uint64_t code = 0;
  std::uint32_t bytes = 0;
  std::uint32_t used = 0;
  std::uint32_t populated = 0;  // bytes whose pages are there
};

class CodeCache {
 public:
  static constexpr std::size_t max_regions = 256;

  CodeCache() = default;
  ~CodeCache() { release(); }
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  /// A region with so much room, of which every byte is within 1.75 GiB of the address or, where
  /// the address space has no room there, far from it; it is made when there is none. nullptr:
  /// there is no memory. Does not allocate from the heap.
  Region* near(std::uint64_t address, std::uint32_t room);

  bool holds(std::uint64_t code) const;

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
