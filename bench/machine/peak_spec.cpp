#include "bench/machine/peak_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "bench/machine/peak_table.h"

namespace flopmeter {
namespace {

/// Registers for accumulators beside x, y and three temporaries.
int most_accumulators(const PeakSpec& spec) {
  if (spec.tile()) {
    return 6;
  }
  const bool wide = spec.bits == 512;
  return spec.sequence ? (wide ? 20 : 11) : (wide ? 24 : 14);
}

std::vector<PeakSpec> expand(const std::vector<PeakMix>& written) {
  std::vector<PeakSpec> specs;
  for (const PeakMix& mix : written) {
    for (const PeakWidth& width : mix.widths) {
      specs.push_back({mix.operation, mix.dtype, mix.lane, width.bits, mix.scalar, width.needs,
                       mix.steps, mix.sequence, mix.ceiling, mix.constants});
    }
  }
  return specs;
}

std::string_view register_name(const PeakSpec& spec) {
  return spec.tile() ? "tmm" : spec.bits == 512 ? "zmm" : spec.bits == 256 ? "ymm" : "xmm";
}

}  // namespace

int size_of(Lane lane) {
  switch (lane) {
    case Lane::f64:
      return 8;
    case Lane::f16:
      return 2;
    case Lane::f32:
    case Lane::i32:
      break;
  }
  return 4;
}

int PeakSpec::accumulators() const {
  const int each = sequence ? 1 : static_cast<int>(steps.size());
  return most_accumulators(*this) / each * each;
}

int PeakSpec::unroll() const {
  constexpr int aim = 96;
  const int round = accumulators() * steps_of_one();
  return std::max(1, (aim + round / 2) / round);
}

std::int64_t PeakSpec::instructions() const {
  return std::int64_t{unroll()} * accumulators() * steps_of_one();
}

std::int64_t PeakSpec::operations() const {
  const int of_all_steps = std::accumulate(
      steps.begin(), steps.end(), 0, [](int n, const PeakStep& s) { return n + s.operations; });
  return instructions() / static_cast<std::int64_t>(steps.size()) * of_all_steps * lanes();
}

std::string PeakSpec::width() const {
  return scalar ? "scalar" : tile() ? "tile" : std::to_string(bits);
}

std::string PeakSpec::name() const {
  return fmt::format("{} {} {} {}", dtype, operation, width(), to_string(needs));
}

std::string PeakSpec::instruction() const {
  std::vector<std::string_view> seen;
  std::string text;
  for (const PeakStep& step : steps) {
    if (std::ranges::find(seen, step.mnemonic) != seen.end()) {
      continue;
    }
    seen.push_back(step.mnemonic);
    const auto times = std::ranges::count(steps, step.mnemonic, &PeakStep::mnemonic);
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ",
                        times > 1 ? fmt::format("{} ", times) : "", step.mnemonic);
  }
  return fmt::format("{} {}", text, register_name(*this));
}

std::span<const PeakSpec> peak_specs() {
  static const std::vector<PeakSpec> specs = expand(peak_table());
  return specs;
}

std::vector<const PeakSpec*> peak_candidates(Dtype dtype,
                                             const std::function<bool(CpuFeature)>& has) {
  std::vector<const PeakSpec*> candidates;
  for (const PeakSpec& spec : peak_specs()) {
    const bool computes = spec.dtype == to_string(dtype) || spec.dtype == to_string(Dtype::f32);
    if (computes && spec.ceiling && has(spec.needs)) {
      candidates.push_back(&spec);
    }
  }
  std::ranges::reverse(candidates);
  assert(!candidates.empty() && "x86-64 has SSE2");
  return candidates;
}

const PeakSpec& fastest(std::span<const PeakSpec* const> candidates, const PeakRate& rate) {
  constexpr double near = 0.97;
  std::vector<double> rates;
  std::ranges::transform(candidates, std::back_inserter(rates),
                         [&](const PeakSpec* spec) { return rate(*spec); });
  const double enough = near * *std::ranges::max_element(rates);
  const auto found = std::ranges::find_if(rates, [&](double r) { return r >= enough; });
  return *candidates[static_cast<std::size_t>(found - rates.begin())];
}

}  // namespace flopmeter
