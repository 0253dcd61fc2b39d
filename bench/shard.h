// A part of a list of cases, for one of many machines or jobs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter {

/// Part `index` of `count`, from 0. The same integers as SLURM_ARRAY_TASK_ID and
/// JOB_COMPLETION_INDEX have.
struct Shard {
  std::size_t index = 0, count = 1;
};

/// "0/4" to "3/4". Throws BadInput.
Shard parse_shard(std::string_view text);

/// Whether each of the cases belongs to the shard. Every case belongs to exactly one, always the same
/// for the same costs: the dearest first, each to the shard that has least to do so far.
std::vector<bool> in_shard(std::span<const double> costs, const Shard& shard);

/// Those of `all` that belong to the shard, in their order; `cost` gives the cost of one.
template <class T, class Cost>
std::vector<T> shard_of(const std::vector<T>& all, const Shard& shard, Cost cost) {
  std::vector<double> costs;
  for (const T& one : all) {
    costs.push_back(cost(one));
  }
  const std::vector<bool> mine = in_shard(costs, shard);
  std::vector<T> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (mine[i]) {
      kept.push_back(all[i]);
    }
  }
  return kept;
}

}  // namespace flopmeter
