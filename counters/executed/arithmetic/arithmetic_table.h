// What each mnemonic computes: the table behind arithmetic_of. Others compute nothing that is
// counted; a test holds that each is here or in not_counted_list.h.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "counters/executed/arithmetic/arithmetic.h"

namespace flopmeter::executed {

/// Row::lane_bits of instructions with one result, and of AMX dot products.
inline constexpr std::int16_t scalar = 0;
inline constexpr std::int16_t tile = -1;

struct Row {
  std::string_view mnemonics;  // separated by spaces; one in two rows computes both
  Operation operation;
  Element element;         // none: the integer of the size of the operand in memory or a register
  std::int16_t lane_bits;  // lanes = register width / this: of the wider of operand and result
  std::uint8_t products = 1;
};

std::span<const Row> arithmetic_table();

}  // namespace flopmeter::executed
