// The instructions that random sequences are made of.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "counters/executed/fuzz/isa.h"

namespace flopmeter::executed::fuzz {

enum Extra : std::uint8_t {
  nothing = 0,
  aligned = 1,     // operands in memory must be
  evex = 2,        // EVEX, with a write mask after the first operand
  no_zeroing = 4,  // merges by its mask only
  no_mask = 8,     // EVEX without a write mask
  locked = 16,     // with a lock prefix
};

/// Operands are words: r general register, m memory, e either, all of the row's width; v vector
/// register, V that or memory; r64 and the like, of that width; k mask register, st an x87
/// register, st0 the top; i an immediate byte, I one of up to 32 bits, cl.
struct Form {
  std::string_view mnemonics;  // separated by spaces
  std::string_view operands;
  std::uint16_t widths;  // sum of those that the row may have, in bits; 0: none matters
  Isa isa = Isa::base;
  std::uint8_t extra = nothing;
};

std::span<const Form> forms();

}  // namespace flopmeter::executed::fuzz
