#include "validate/fit/powers.h"

#include <algorithm>
#include <vector>

#include "validate/fit/system.h"

namespace flopmeter::fit {
namespace {

constexpr int most_divisions = 2;
constexpr std::size_t most_powers = 5;

/// The powers lowest, lowest + 1, ... through the first `count` points, if the others lie on them.
std::optional<std::set<int>> try_powers(const Graph& graph, int lowest, std::size_t count) {
  System system(count);
  for (const auto& [x, y] : graph) {
    std::vector<Modular> row;
    for (std::size_t i = 0; i < count; ++i) {
      row.push_back(power(Modular(x), lowest + static_cast<int>(i)));
    }
    if (system.add(row, y) == System::Said::contradiction) {
      return std::nullopt;
    }
  }
  const auto solution = system.solve();
  if (!solution) {
    return std::nullopt;
  }
  std::set<int> powers;
  for (std::size_t i = 0; i < count; ++i) {
    if ((*solution)[i] != Rational(0)) {
      powers.insert(lowest + static_cast<int>(i));
    }
  }
  return powers;
}

}  // namespace

std::optional<std::set<int>> powers_along(const Graph& graph) {
  // Two points are all that a flag has; else one more than the powers must agree.
  const std::size_t most = graph.size() <= 2 ? graph.size() : graph.size() - 1;
  const bool divides = graph.size() > 2 && graph.begin()->first > 0;
  for (std::size_t count = 1; count <= std::min(most, most_powers); ++count) {
    for (int q = 0; q <= (divides ? most_divisions : 0) && q < static_cast<int>(count); ++q) {
      if (auto powers = try_powers(graph, -q, count)) {
        return powers;
      }
    }
  }
  return std::nullopt;
}

}  // namespace flopmeter::fit
