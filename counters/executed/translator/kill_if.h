// For translation.cpp and links.cpp.
#pragma once

#include "counters/executed/translator/translation.h"

namespace flopmeter::executed {

/// Kills the traces of blocks that is_stale(const Block&) holds of, and takes what is dead out of
/// the list.
template <class Predicate>
void Translation::kill_if(Neighbourhood& place, Predicate is_stale) {
  std::uint32_t* link = &place.first;
  while (*link != 0) {
    Block& block = blocks_[*link];
    if (!block.dead && is_stale(block)) kill_trace(*link);
    if (block.dead) {
      *link = block.next;
      block.listed = false;
    } else {
      link = &block.next;
    }
  }
}

}  // namespace flopmeter::executed
