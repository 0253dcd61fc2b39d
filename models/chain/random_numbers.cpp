#include "models/chain/random_numbers.h"

namespace flopmeter::models {
namespace {

/// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators": of any counter, a
/// number of its own.
std::uint64_t split_mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

/// FNV-1a.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return hash;
}

}  // namespace

std::vector<float> random_numbers(std::string_view name, std::uint64_t seed, std::int64_t count,
                                  const Range& range) {
  std::vector<float> numbers(static_cast<std::size_t>(count));
  std::uint64_t state = split_mix(hash_of(name) ^ split_mix(seed));
  for (float& number : numbers) {
    const std::uint64_t drawn = split_mix(state++);
    if (range.below > 0) {
      number = static_cast<float>(drawn % static_cast<std::uint64_t>(range.below));
    } else {
      const double part = static_cast<double>(drawn >> 11U) * 0x1p-53;
      number = static_cast<float>(range.low + (range.high - range.low) * part);
    }
  }
  return numbers;
}

}  // namespace flopmeter::models
