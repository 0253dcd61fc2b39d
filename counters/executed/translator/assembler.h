// Writes the few machine instructions that the translator adds. None of them changes a flag, unless
// it says so.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "counters/executed/translator/context.h"

namespace flopmeter::executed {

class Assembler {
 public:
  explicit Assembler(std::uint64_t code) : code_(code) {}

  std::uint64_t code() const { return code_; }
  std::uint8_t* out() const { return reinterpret_cast<std::uint8_t*>(code_); }

  template <class... Bytes>
  void bytes(Bytes... values) {
    (put(static_cast<std::uint8_t>(values)), ...);
  }
  void copy(const std::uint8_t* from, std::size_t size) {
    std::memcpy(out(), from, size);
    code_ += size;
  }
  template <class Integer>
  void put(Integer value) {
    std::memcpy(out(), &value, sizeof value);
    code_ += sizeof value;
  }

  // gs:[offset], with no register in the address.
  void load(Register to, std::uint32_t offset) { gs_move(0x8b, to, offset); }
  void store(std::uint32_t offset, Register from) { gs_move(0x89, from, offset); }
  void store(std::uint32_t offset, std::int32_t value) {
    gs(0xc7, 0, offset);
    put(value);
  }
  /// Through the table of 8-byte addresses in the lowest 2 GiB.
  void jump_indexed(Register index, std::uint64_t table) {
    bytes(0xff, 0x24, 0xc5 | index << 3);
    put(static_cast<std::uint32_t>(table));
  }
  void jump_far(std::uint64_t target) {
    bytes(0xff, 0x25, 0, 0, 0, 0);  // jmp through the 8 bytes behind it
    put(target);
  }
  void jump_near(std::uint64_t target) {
    bytes(0xe9);
    put(static_cast<std::int32_t>(target - (code_ + 4)));
  }
  /// to = the byte gs:[index + offset]
  void load_byte(Register to, Register index, std::uint32_t offset) {
    bytes(0x65, 0x0f, 0xb6, 0x80 | to << 3 | index);
    put(offset);
  }
  void jump_to(std::uint32_t offset) {  // through gs:[offset]
    bytes(0x65, 0xff, 0x24, 0x25);
    put(offset);
  }
  /// Changes every status flag but the carry.
  void increment(std::uint32_t offset) { gs(0xff, 0, offset); }

  void add(Register to, Register from) {  // lea to, [to + from]
    bytes(0x48, 0x8d, 0x04 | to << 3, from << 3 | to);
  }
  void add(Register to, std::int8_t value) {  // lea to, [to + value]
    bytes(0x48, 0x8d, 0x40 | to << 3 | to, value);
  }
  void move(Register to, Register from) { bytes(0x48, 0x89, 0xc0 | from << 3 | to); }
  void move(Register to, std::uint64_t value) {
    bytes(0x48, 0xb8 | to);
    put(value);
  }
  void low_byte(Register to, Register from) { bytes(0x0f, 0xb6, 0xc0 | to << 3 | from); }
  void low_word(Register to, Register from) { bytes(0x0f, 0xb7, 0xc0 | to << 3 | from); }

 private:
  void gs(std::uint8_t opcode, std::uint8_t digit, std::uint32_t offset) {
    bytes(0x65, 0x48, opcode, 0x04 | digit << 3, 0x25);
    put(offset);
  }
  void gs_move(std::uint8_t opcode, Register operand, std::uint32_t offset) {
    gs(opcode, operand, offset);
  }

  std::uint64_t code_;
};

}  // namespace flopmeter::executed
