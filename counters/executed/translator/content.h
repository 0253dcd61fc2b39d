// What translated blocks compute, apart from how often: a counted process shows it to whoever reads
// its counters. Everything in it stays as it was written.
#pragma once

#include <cstdint>

#include "counters/executed/arithmetic/arithmetic.h"
#include "counters/executed/arithmetic/totals.h"
#include "counters/executed/translator/context.h"
#include "counters/executed/translator/memory.h"

namespace flopmeter::executed {

/// Of the block of that number, which is that of its counter.
struct BlockContent {
  std::uint64_t address = 0;  // of the guest's code
  std::uint32_t length = 0;   // bytes of it
  std::uint32_t items = 0;    // what it computes, in the items
  std::uint16_t item_count = 0;
  std::uint16_t instructions = 0;
  std::uint32_t tile_items = 0;  // the first of the tile items that may be its own
};

/// One kind of arithmetic that a block does `times` times per execution.
struct Item {
  Arithmetic arithmetic;
  std::uint16_t times = 0;
  std::uint32_t mask_sum = 0;  // of the lanes that the mask let through; 0: there is no mask
};

/// AMX dot products of one block.
struct TileItem {
  Arithmetic arithmetic;
  Tiles tiles = {};
  std::uint32_t block = 0;
};

/// What a thread has done of a TileItem, summed whenever the shape of the tiles changes.
struct TileSum {
  std::uint64_t seen = 0;  // executions of the block that are in the sums
  std::uint64_t executions = 0;
  std::uint64_t steps = 0;  // rows x columns x depth
};
static_assert(arena::tiles + sizeof(TileSum) * arena::max_tile_items == arena::size);

using BlockContents = Pool<BlockContent, 1U << 13, arena::max_blocks / (1U << 13)>;
using Items = Pool<Item, 1U << 14, 1U << 8>;
using TileItems = Pool<TileItem, 1U << 9, arena::max_tile_items / (1U << 9)>;

/// The counters of one arena.
struct CounterView {
  const std::uint64_t* executions = nullptr;
  const std::uint64_t* mask_sums = nullptr;
  const TileSum* tiles = nullptr;

  static CounterView of(const std::uint8_t* arena) {
    return {reinterpret_cast<const std::uint64_t*>(arena + arena::executions),
            reinterpret_cast<const std::uint64_t*>(arena + arena::mask_sums),
            reinterpret_cast<const TileSum*>(arena + arena::tiles)};
  }
};

/// f(Arithmetic, instructions, active lanes, full lanes) of all that one block has executed. Throws
/// CountOverflow.
template <class Contents, class ItemArray, class TileArray, class F>
void for_each_item(const Contents& blocks, const ItemArray& items, const TileArray& tile_items,
                   const CounterView& counters, std::uint32_t number, F&& f) {
  const auto times = static_cast<std::int64_t>(counters.executions[number]);
  const BlockContent& block = blocks[number];
  for (std::uint32_t i = block.items; i < block.items + block.item_count; ++i) {
    const Item& item = items[i];
    const std::int64_t instructions = checked_multiply(times, item.times);
    const std::int64_t full = checked_multiply(instructions, item.arithmetic.lanes);
    const std::int64_t active =
        item.mask_sum == 0
            ? full
            : checked_multiply(static_cast<std::int64_t>(counters.mask_sums[item.mask_sum]),
                               item.times);
    f(item.arithmetic, instructions, active, full);
  }
  for (std::uint32_t i = block.tile_items; i < tile_items.size() && tile_items[i].block == number;
       ++i) {
    const auto steps = static_cast<std::int64_t>(counters.tiles[i].steps);
    f(tile_items[i].arithmetic, static_cast<std::int64_t>(counters.tiles[i].executions), steps,
      steps);
  }
}

/// Adds what one block has executed. Throws CountOverflow.
template <class Contents, class ItemArray, class TileArray>
void add_totals_of(const Contents& blocks, const ItemArray& items, const TileArray& tile_items,
                   const CounterView& counters, std::uint32_t number, Totals& totals) {
  const auto times = static_cast<std::int64_t>(counters.executions[number]);
  if (times == 0) return;
  totals.instructions =
      checked_add(totals.instructions, checked_multiply(times, blocks[number].instructions));
  for_each_item(blocks, items, tile_items, counters, number,
                [&](const Arithmetic& arithmetic, std::int64_t instructions, std::int64_t active,
                    std::int64_t full) { totals.add(arithmetic, instructions, active, full); });
}

}  // namespace flopmeter::executed
