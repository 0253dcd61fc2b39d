// Random numbers that are the same everywhere: a sequence is known by its seed.
#pragma once

#include <cstdint>

namespace flopmeter::executed::fuzz {

/// splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
    return z ^ (z >> 31U);
  }
  /// 0 .. end - 1
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(next() >> 32U) % end; }
  /// true once in n
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  template <class Array>
  const auto& pick(const Array& array) {
    return array[below(static_cast<std::uint32_t>(array.size()))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace flopmeter::executed::fuzz
