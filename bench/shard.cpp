#include "bench/shard.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

std::optional<std::size_t> whole_number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

Shard parse_shard(std::string_view text) {
  constexpr std::size_t most = 100'000;
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto index = whole_number(text.substr(0, slash));
  const auto count = whole_number(text.substr(std::min(slash + 1, text.size())));
  if (!index || !count || *count > most || *index >= *count) {
    bad_input("--shard '{}': write i/n with i from 0 to n - 1, as in 0/4; n at most {}", text,
              most);
  }
  return {*index, *count};
}

std::vector<bool> in_shard(std::span<const double> costs, const Shard& shard) {
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return costs[i]; });
  std::vector<double> loads(shard.count);
  std::vector<bool> mine(costs.size());
  for (const std::size_t i : order) {
    const auto least = std::ranges::min_element(loads);
    *least += costs[i];
    mine[i] = static_cast<std::size_t>(least - loads.begin()) == shard.index;
  }
  return mine;
}

}  // namespace flopmeter
