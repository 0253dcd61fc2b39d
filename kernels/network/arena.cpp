#include "kernels/network/arena.h"

#include <algorithm>
#include <numeric>

namespace flopmeter {
namespace {

constexpr std::size_t cache_line = 64;

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + cache_line - 1) / cache_line * cache_line;
}

bool meet(const Lifespan& a, const Lifespan& b) { return a.first <= b.last && b.first <= a.last; }

struct Placed {
  std::size_t begin, end, index;
};

/// The lowest place of that size between the others, which are in the order of their beginnings.
std::size_t lowest_gap(std::span<const Placed> placed, std::span<const Lifespan> lifespans,
                       const Lifespan& wanted) {
  const std::size_t bytes = rounded_up(wanted.bytes);
  std::size_t at = 0;
  for (const Placed& other : placed) {
    if (!meet(lifespans[other.index], wanted)) {
      continue;
    }
    if (at + bytes <= other.begin) {
      break;
    }
    at = std::max(at, other.end);
  }
  return at;
}

}  // namespace

Arena plan_arena(std::span<const Lifespan> lifespans) {
  std::vector<std::size_t> order(lifespans.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return lifespans[i].bytes; });
  Arena arena{std::vector<std::size_t>(lifespans.size()), 0};
  std::vector<Placed> placed;
  placed.reserve(order.size());
  for (const std::size_t i : order) {
    const std::size_t at = lowest_gap(placed, lifespans, lifespans[i]);
    const Placed mine{at, at + rounded_up(lifespans[i].bytes), i};
    placed.insert(std::ranges::upper_bound(placed, at, {}, &Placed::begin), mine);
    arena.offsets[i] = at;
    arena.bytes = std::max(arena.bytes, mine.end);
  }
  return arena;
}

}  // namespace flopmeter
