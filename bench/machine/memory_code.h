// Machine code of a bandwidth loop, generated at run time: compilers turn such loops into calls of
// memcpy and memset, whose choices would be measured instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "bench/machine/memory_operation.h"

namespace flopmeter {

/// Bits of the widest registers that this CPU has: 512, 256 or 128.
int widest_register_bits();

/// The code of one operation at one register width, which the CPU must have.
class MemoryCode {
 public:
  /// What is stored, and the factor of triad.
  static constexpr float scale = 0.5F;

  explicit MemoryCode(MemoryOperation operation, int bits = widest_register_bits());
  ~MemoryCode();
  MemoryCode(MemoryCode&&) noexcept;
  MemoryCode& operator=(MemoryCode&&) noexcept;
  MemoryCode(const MemoryCode&) = delete;
  MemoryCode& operator=(const MemoryCode&) = delete;

  /// Bytes of each array that one turn of the loop goes through: some registers full.
  std::int64_t block_bytes() const;

  /// Goes through `blocks` blocks, at least one, of each array, from `offset` on, and from the end
  /// to the beginning again. The arrays lie behind one another from `memory` on, in the order a, b,
  /// c, and have `array_bytes` bytes each. All of these are multiples of block_bytes(), and memory
  /// is aligned to 64 bytes. Non-temporal stores have arrived when it returns.
  void run(std::byte* memory, std::int64_t array_bytes, std::int64_t offset,
           std::int64_t blocks) const;

  /// The code, for tests: what is executed in each turn lies between the jump back and its target.
  std::span<const std::uint8_t> bytes() const;

 private:
  class Generator;
  std::unique_ptr<Generator> generator_;
};

}  // namespace flopmeter
