// What tells one piece of code from another.
#pragma once

#include <cstdint>
#include <cstring>

namespace flopmeter::executed {

/// 64 bits of all bytes: two rounds of multiplication and rotation a word, as of MurmurHash.
inline std::uint64_t hash_of(const std::uint8_t* bytes, std::uint32_t length) {
  std::uint64_t hash = 0x9e3779b97f4a7c15 ^ length;
  for (std::uint32_t at = 0; at < length; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, length - at < 8 ? length - at : 8);
    word *= 0x87c37b91114253d5;
    word = word << 31U | word >> 33U;
    hash = (hash ^ word * 0x4cf5ad432745937f) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32U;
  }
  return hash;
}

}  // namespace flopmeter::executed
