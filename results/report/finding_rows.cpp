// Which rows the findings are about.
#include <algorithm>
#include <map>
#include <tuple>

#include "results/report/findings.h"

namespace flopmeter::report {
namespace {

auto setting_key(const Record& record) {
  return std::tuple(record.dtype, record.pass, record.threads, record.cache);
}

/// Of each layer's shape the index with the least time.
std::vector<std::size_t> fastest_of(const ReportData& data, const std::vector<std::size_t>& rows) {
  std::map<std::tuple<std::string, std::string>, std::size_t> best;
  for (const std::size_t row : rows) {
    const Record& record = data.rows[row].record;
    const auto [place, is_new] = best.emplace(std::tuple(record.layer, record.shape), row);
    if (!is_new && *record.seconds < *data.rows[place->second].record.seconds) {
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
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.rows[i].environment == environment && timed(data.rows[i].record)) {
      groups[setting_key(data.rows[i].record)].push_back(i);
    }
  }
  if (groups.empty()) {
    return {};
  }
  const auto most =
      std::ranges::max_element(groups, {}, [](const auto& group) { return group.second.size(); });
  const Record& first = data.rows[most->second.front()].record;
  return {.setting = first.dtype + ' ' + first.pass + ", " + setting(first),
          .all = most->second,
          .fastest = fastest_of(data, most->second)};
}

}  // namespace flopmeter::report
