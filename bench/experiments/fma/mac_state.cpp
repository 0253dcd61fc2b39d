#include "bench/experiments/fma/mac_state.h"

#include <algorithm>
#include <cstring>

namespace flopmeter {
namespace {

template <class T>
void put(std::byte* at, double value) {
  const T rounded = static_cast<T>(value);
  std::memcpy(at, &rounded, sizeof(T));
}

template <class T>
double get(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

std::size_t lane_bytes(const MacLoop& loop) { return loop.real == Real::f32 ? 4 : 8; }

std::size_t register_bytes(const MacLoop& loop) {
  return static_cast<std::size_t>(loop.width->bits) / 8;
}

}  // namespace

MacState::MacState(const MacLoop& loop, Factors factors) : loop_(loop) {
  const auto accumulators = static_cast<std::size_t>(loop.accumulators());
  start_.resize((2 + accumulators) * register_bytes(loop));
  fill(0, factors.x);
  fill(1, factors.y);
  for (std::size_t i = 0; i < accumulators; ++i) {
    fill(2 + i, static_cast<double>(i + 1));
  }
  bytes_ = start_;
}

void MacState::fill(std::size_t register_index, double value) {
  const std::size_t begin = register_index * register_bytes(loop_);
  for (std::size_t i = 0; i < register_bytes(loop_); i += lane_bytes(loop_)) {
    std::byte* const at = start_.data() + begin + i;
    loop_.real == Real::f32 ? put<float>(at, value) : put<double>(at, value);
  }
}

void MacState::reset() { std::ranges::copy(start_, bytes_.begin()); }

std::vector<double> MacState::accumulators() const {
  std::vector<double> values;
  for (int i = 0; i < loop_.accumulators(); ++i) {
    for (int lane = 0; lane < loop_.lanes(); ++lane) {
      const std::byte* const at = bytes_.data() +
                                  (2 + static_cast<std::size_t>(i)) * register_bytes(loop_) +
                                  static_cast<std::size_t>(lane) * lane_bytes(loop_);
      values.push_back(loop_.real == Real::f32 ? get<float>(at) : get<double>(at));
    }
  }
  return values;
}

}  // namespace flopmeter
