#include "bench/machine/peak_state.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace flopmeter {
namespace {

constexpr std::size_t state_line_bytes = 64;

/// Of integers up to 24, which have no bits below those of f16.
std::uint16_t half_of(int value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // in [0.5, 1)
  const auto significand = static_cast<unsigned>(std::ldexp(fraction, 11));
  return static_cast<std::uint16_t>((static_cast<unsigned>(exponent + 13) << 10U) + significand);
}

/// Of normal numbers.
double from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10U) & 31;
  const double magnitude = std::ldexp(1024 + (bits & 1023), exponent - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

template <class T>
void put_bits(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

template <class T>
T get_bits(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

void put_lane(std::byte* at, Lane lane, int value) {
  switch (lane) {
    case Lane::f64:
      return put_bits<double>(at, value);
    case Lane::f32:
      return put_bits(at, static_cast<float>(value));
    case Lane::f16:
      return put_bits(at, half_of(value));
    case Lane::i32:
      return put_bits<std::int32_t>(at, value);
  }
}

double get_lane(const std::byte* at, Lane lane) {
  switch (lane) {
    case Lane::f64:
      return get_bits<double>(at);
    case Lane::f32:
      return get_bits<float>(at);
    case Lane::f16:
      return from_half(get_bits<std::uint16_t>(at));
    case Lane::i32:
      break;
  }
  return get_bits<std::int32_t>(at);
}

std::size_t bytes_of(const PeakSpec& spec) {
  return static_cast<std::size_t>(PeakState::register_bytes(spec));
}

/// As the lanes round.
double rounded(Lane lane, double value) {
  return lane == Lane::f32 ? static_cast<float>(value) : value;
}

/// a after `times` steps of this effect.
double repeated(const PeakEffect& effect, Lane lane, double a, std::int64_t times) {
  using enum PeakEffect::Kind;
  switch (effect.kind) {
    case sum:
      return a + static_cast<double>(times) * effect.amount;
    case product:
      return a * std::pow(effect.amount, static_cast<double>(times));
    case quotient:
      for (; times > 0; --times) {
        a = rounded(lane, effect.amount / a);
      }
      return a;
    case square_root:
      for (; times > 0 && a != rounded(lane, std::sqrt(a)); --times) {
        a = rounded(lane, std::sqrt(a));
      }
      return a;
    case exponential:
      for (; times > 0; --times) {
        a = std::exp(-a);
      }
      return a;
    case part:
      break;
  }
  return a;
}

/// The step whose result the accumulator holds.
const PeakStep& last_step(const PeakSpec& spec, int accumulator) {
  return spec.sequence ? spec.steps.back()
                       : spec.steps[static_cast<std::size_t>(accumulator) % spec.steps.size()];
}

}  // namespace

PeakState::PeakState(const PeakSpec& spec, bool chain)
    : spec_(spec), accumulators_(chain ? 1 : spec.accumulators()) {
  const std::size_t registers = spec.constants.size() + static_cast<std::size_t>(accumulators_);
  lines_.resize((registers * bytes_of(spec) + state_line_bytes - 1) / state_line_bytes);
  for (std::size_t i = 0; i < spec.constants.size(); ++i) {
    for (std::size_t at = 0; at < bytes_of(spec); at += sizeof(std::uint64_t)) {
      put_bits(data() + i * bytes_of(spec) + at, spec.constants[i]);
    }
  }
  reset();
}

std::byte* PeakState::accumulator(int index) {
  return data() + (spec_.constants.size() + static_cast<std::size_t>(index)) * bytes_of(spec_);
}

void PeakState::reset() {
  const auto lane_bytes = static_cast<std::size_t>(size_of(spec_.lane));
  for (int i = 0; i < accumulators_; ++i) {
    for (std::size_t at = 0; at < bytes_of(spec_); at += lane_bytes) {
      put_lane(accumulator(i) + at, spec_.lane, i + 1);
    }
  }
}

std::vector<double> PeakState::values(int accumulator) const {
  const std::size_t begin =
      (spec_.constants.size() + static_cast<std::size_t>(accumulator)) * bytes_of(spec_);
  std::vector<double> all;
  for (int lane = 0; lane < spec_.lanes(); ++lane) {
    const auto offset = static_cast<std::size_t>(lane * size_of(spec_.lane));
    all.push_back(get_lane(lines_.front().data() + begin + offset, spec_.lane));
  }
  return all;
}

double peak_result(const PeakSpec& spec, int accumulator, std::int64_t passes) {
  return repeated(last_step(spec, accumulator).effect, spec.lane, accumulator + 1,
                  passes * spec.unroll());
}

double peak_tolerance(const PeakSpec& spec) {
  return spec.steps.back().effect.kind == PeakEffect::Kind::exponential ? 1e-5 : 0;
}

std::int64_t most_exact_passes(const PeakSpec& spec) {
  const double limit = spec.lane == Lane::f16 ? 0x1p8 : 0x1p21;
  double passes = 1e6;
  for (const PeakStep& step : spec.steps) {
    if (step.effect.kind == PeakEffect::Kind::sum) {
      passes = std::min(passes, (limit - spec.accumulators()) / step.effect.amount / spec.unroll());
    }
  }
  return static_cast<std::int64_t>(passes);
}

}  // namespace flopmeter
