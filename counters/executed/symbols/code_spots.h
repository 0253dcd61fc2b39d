// Puts blocks of code together: those of one function, and generated code that lies together.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "counters/executed/symbols/address_space.h"

namespace flopmeter::executed {

struct CodeRange {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

/// A function, the nameless code of a module, or code that was generated at run time.
struct CodeSpot {
  Place place;
  CodeRange range;                  // from the lowest block to the end of the highest
  std::vector<std::size_t> blocks;  // indices of what was put together
};

/// Code without a module is one spot as long as no gap reaches a page, and no block behind a gap
/// begins one: generators give each function pages of its own.
std::vector<CodeSpot> code_spots(std::span<const CodeRange> blocks,
                                 const std::function<Located(std::uint64_t)>& place_of);

}  // namespace flopmeter::executed
