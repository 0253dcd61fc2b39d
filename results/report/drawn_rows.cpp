#include "results/report/drawn_rows.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace flopmeter::report {
namespace {

using Places = std::vector<std::size_t>;

constexpr std::size_t share_of_troubled = 10;  // one row in so many, for those that are not ok

auto group_key(const BriefRow& row) {
  return std::tuple(row.environment, row.layer, row.backend, row.dtype, row.pass, row.threads,
                    row.cache);
}

/// Rows that are comparable, those without a roof first, then from the slowest to the fastest against it.
std::vector<Places> groups_by_roof(const std::deque<BriefRow>& all) {
  std::map<decltype(group_key({})), Places> groups;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (timed(all[i])) {
      groups[group_key(all[i])].push_back(i);
    }
  }
  std::vector<Places> sorted;
  for (auto& [key, places] : groups) {
    std::ranges::stable_sort(
        places, {}, [&](std::size_t i) { return all[i].percent_of_attainable.value_or(0); });
    sorted.push_back(std::move(places));
  }
  return sorted;
}

Places not_ok(const std::deque<BriefRow>& all) {
  Places places;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!(all[i].status == std::string_view("ok"))) {
      places.push_back(i);
    }
  }
  return places;
}

}  // namespace

std::vector<std::size_t> drawn_rows(const std::deque<BriefRow>& all, std::size_t most) {
  Places drawn(all.size() <= most ? all.size() : 0);
  std::iota(drawn.begin(), drawn.end(), std::size_t{0});
  if (all.size() <= most) {
    return drawn;
  }
  drawn = evenly(not_ok(all), most / share_of_troubled);
  const std::vector<Places> groups = groups_by_roof(all);
  const std::size_t left = most - drawn.size();
  Places chosen(groups.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  chosen = evenly(chosen, left);
  for (const std::size_t group : chosen) {
    const Places some = evenly(groups[group], left / chosen.size());
    drawn.insert(drawn.end(), some.begin(), some.end());
  }
  std::ranges::sort(drawn);
  drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
  return drawn;
}

}  // namespace flopmeter::report
