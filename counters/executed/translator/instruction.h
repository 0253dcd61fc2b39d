// What the translator must know of one machine instruction.
#pragma once

#include <cstddef>
#include <cstdint>

#include "counters/executed/arithmetic/arithmetic.h"

namespace flopmeter::executed {

/// How control goes on after an instruction.
enum class Flow : std::uint8_t {
  on,           // to the next one
  jump,         // to `target`
  conditional,  // to `target` or on, by the flags
  count,        // to `target` or on, by rcx: jrcxz and the loops
  call,
  jump_indirect,
  call_indirect,
  ret,
  system_call,
  tile_configuration,  // on, with tiles of another shape
  transaction,         // xbegin, which is taken to abort at once
  unsupported,         // cannot be translated
};

struct Instruction {
  std::uint64_t address = 0;
  std::uint64_t target = 0;  // of a direct branch, or of a RIP-relative operand
  std::uint8_t length = 0;   // bytes, 1..15
  Flow flow = Flow::on;
  std::uint8_t displacement_at =
      0;                       // of a RIP-relative operand, bytes from the start; 0: it has none
  std::uint8_t opcode_at = 0;  // of an indirect branch and of a branch by rcx
  std::uint8_t condition = 0;  // of a conditional branch: the low four bits of its opcode
  /// Writes all status flags but, perhaps, the carry, and reads none but, perhaps, the carry. The
  /// rest of the flags can be changed before it without anybody noticing.
  bool overwrites_flags = false;
  bool reads_flags = false;     // a status flag that is not the carry
  bool repeated = false;        // rep, repe or repne
  bool switches_stack = false;  // moves something to rsp that is not rbp
  bool writes_memory = false;
  bool wide = false;                        // of registers of 512 bits
  std::uint8_t masks_written = 0;           // bit i: k_i
  std::uint16_t registers_touched = 0;      // bit i: general register i, in part or whole
  std::uint16_t registers_overwritten = 0;  // written whole, and not read
  std::uint16_t stack_release = 0;          // what `ret n` takes off the stack besides the address
  Tiles tiles = {};                         // of an AMX dot product
  Arithmetics arithmetic = {};

  bool operator==(const Instruction&) const = default;
};

/// Decodes the instruction that stands at `bytes`, of which so many may be read, and runs at
/// `address`. What is no instruction is Flow::unsupported with length 0. Does not allocate.
Instruction instruction_at(const std::uint8_t* bytes, std::size_t available, std::uint64_t address);

/// The same by the decoder of all instructions alone, without common.h.
Instruction any_instruction_at(const std::uint8_t* bytes, std::size_t available,
                               std::uint64_t address);

/// Its text for error messages, such as "vmovups zmm1, [rax]"; "bad instruction" if it is none.
/// Writes at most `size` characters with the closing zero.
void text_of(const std::uint8_t* bytes, std::size_t available, std::uint64_t address, char* text,
             std::size_t size);

/// The same, of the instruction at an address of this process, readable or not.
void text_at(std::uint64_t address, char* text, std::size_t size);

}  // namespace flopmeter::executed
