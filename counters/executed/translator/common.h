// Decodes the instructions that most code is made of, by a table of their opcodes: many times faster
// than the decoder of all instructions, with which it agrees in everything.
#pragma once

#include <cstddef>
#include <cstdint>

#include "counters/executed/translator/instruction.h"

namespace flopmeter::executed {

/// Bytes that must be there to be read: of the longest instruction.
inline constexpr std::size_t common_bytes = 15;

/// What instruction_at says of the instruction there; false: it is none of these.
bool decode_common(const std::uint8_t* bytes, std::uint64_t address, Instruction& result);

}  // namespace flopmeter::executed
