// What a block of code is: the instructions from an address to the first that may go elsewhere.
#pragma once

#include <array>
#include <cstdint>

#include "counters/executed/translator/context.h"
#include "counters/executed/translator/instruction.h"

namespace flopmeter::executed {

/// A block, and how its executions are to be counted.
struct Plan {
  static constexpr std::uint32_t max_size = 256;
  static constexpr std::uint32_t max_bytes = 15 * max_size;  // of the longest instructions
  /// Where the count goes up: before the instruction of that index.
  enum class Count : std::uint8_t {
    increment,  // by inc: the flags are overwritten before anything reads them
    free_register,
    spilled_register,
    branch_register,  // by rcx, which an indirect branch at the end has put away
  };

  std::array<Instruction, max_size> instructions;
  std::uint32_t size = 0;
  Count count = Count::spilled_register;
  std::uint32_t count_before = 0;
  Register count_register = rax;

  const Instruction& operator[](std::uint32_t i) const { return instructions[i]; }
  const Instruction& last() const { return instructions[size - 1]; }
  const Instruction* begin() const { return instructions.data(); }
  const Instruction* end() const { return instructions.data() + size; }
  std::uint64_t address() const { return instructions[0].address; }
  /// Where the code goes on that follows the block.
  std::uint64_t end_address() const { return last().address + last().length; }
};

/// The block that starts at `bytes`, of which so many may be read, and runs at `address`: a
/// function of the bytes alone. It has at least one instruction, which may be unsupported; a later
/// one that is unsupported ends the block before it. Does not allocate.
void plan_block(const std::uint8_t* bytes, std::size_t available, std::uint64_t address,
                Plan& plan);

/// Whether the code there overwrites the flags before it reads any, the carry apart, and before it
/// may go elsewhere. Looks at a few instructions.
bool overwrites_flags_first(const std::uint8_t* bytes, std::size_t available,
                            std::uint64_t address);

}  // namespace flopmeter::executed
