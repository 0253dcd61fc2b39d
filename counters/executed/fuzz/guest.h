// Where random sequences run: their code, all the memory that they touch, and their registers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "counters/executed/fuzz/random.h"

namespace flopmeter::executed::fuzz {

/// Registers and memory before and after a sequence. enter.S knows the offsets.
struct Guest {
  std::uint8_t memory[8192];  // r15 points here
  std::uint8_t stack[4096];
  std::uint64_t registers[16];  // by their numbers in machine code
  std::uint64_t flags;
  std::uint64_t host_stack;
  std::uint64_t code;
  std::uint64_t components;  // of `state` that there are
  std::uint64_t padding[4];
  alignas(64) std::uint8_t state[4096];  // as xsave writes it
};
static_assert(offsetof(Guest, registers) == 12288 && offsetof(Guest, state) == 12480);

/// The address space of the sequences: code, data right behind it, and data so far away that the
/// code reaches it but its translation does not.
class Place {
 public:
  static constexpr std::size_t code_bytes = 512U << 10;
  static constexpr std::size_t data_bytes = 1024;  // of what is compared

  /// Maps the code at that address, a multiple of the page size. Throws std::bad_alloc.
  explicit Place(std::uint64_t address);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::uint8_t* code() const { return code_; }
  std::uint8_t* near() const { return code_ + code_bytes; }
  std::uint8_t* far() const { return far_; }
  Guest& guest() const { return *guest_; }

  /// Makes the code writable, or executable. Never both.
  void writable() const;
  void executable() const;

  /// Random registers, flags and memory.
  void fill(Random& random, const std::uint8_t* entry) const;

  /// Everything that a sequence may change, but for the addresses of x87 instructions and operands,
  /// which are those of the translation.
  std::vector<std::uint8_t> snapshot() const;
  void restore(const std::vector<std::uint8_t>& snapshot) const;
  /// What the byte of a snapshot is: "rax + 3".
  static std::string name_of(std::size_t byte);

 private:
  std::uint8_t* code_;
  std::uint8_t* far_;
  Guest* guest_;
};

}  // namespace flopmeter::executed::fuzz

extern "C" {
/// Loads the registers and the flags, calls the code and stores them.
void executed_fuzz_enter(flopmeter::executed::fuzz::Guest* guest);
}
