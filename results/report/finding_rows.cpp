// Which rows the findings are about.
#include <algorithm>
#include <map>
#include <tuple>

#include "results/report/findings.h"

namespace flopmeter::report {
namespace {

auto setting_key(const BriefRow& row) {
  return std::tuple(row.dtype, row.pass, row.threads, row.cache);
}

/// Of each layer's shape the index with the least time.
std::vector<std::size_t> fastest_of(const ReportData& data, const std::vector<std::size_t>& rows) {
  std::map<std::tuple<Word, Word>, std::size_t> best;
  for (const std::size_t row : rows) {
    const BriefRow& brief = data.all[row];
    const auto [place, is_new] = best.emplace(std::tuple(brief.layer, brief.shape), row);
    if (!is_new && *brief.seconds < *data.all[place->second].seconds) {
      place->second = row;
    }
  }
  std::vector<std::size_t> fastest;
  for (const auto& [key, row] : best) {
    fastest.push_back(row);
  }
  std::ranges::sort(fastest);
  return fastest;
}

}  // namespace

FindingRows finding_rows(const ReportData& data, std::size_t environment) {
  std::map<decltype(setting_key({})), std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < data.all.size(); ++i) {
    if (data.all[i].environment == environment && timed(data.all[i])) {
      groups[setting_key(data.all[i])].push_back(i);
    }
  }
  if (groups.empty()) {
    return {};
  }
  const auto most =
      std::ranges::max_element(groups, {}, [](const auto& group) { return group.second.size(); });
  const BriefRow& first = data.all[most->second.front()];
  return {.setting = first.dtype.str() + ' ' + first.pass.str() + ", " + setting(first),
          .all = most->second,
          .fastest = fastest_of(data, most->second)};
}

}  // namespace flopmeter::report
