#include "results/report/count_against_time.h"

#include <algorithm>
#include <tuple>

#include "results/report/rank_correlation.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t named_inversions = 3;

double operations(const Record& record) { return static_cast<double>(*record.flops); }

bool comparable(const Record& record) { return timed(record) && record.flops.value_or(0) > 0; }

/// No sample of the one is as fast as any of the other.
bool clearly_slower(const Record& slower, const Record& faster) {
  return !slower.samples.empty() && !faster.samples.empty() &&
         std::ranges::min(slower.samples) > std::ranges::max(faster.samples);
}

double severity(const Inversion& inversion) { return inversion.count_ratio * inversion.time_ratio; }

void keep_worst(std::vector<Inversion>& worst, const Inversion& next) {
  const auto place =
      std::ranges::upper_bound(worst, severity(next), std::ranges::greater{}, severity);
  worst.insert(place, next);
  if (worst.size() > named_inversions) {
    worst.pop_back();
  }
}

void compare(Order& order, const ReportData& data, std::size_t i, std::size_t j) {
  const Record& a = data.rows[i].record;
  const Record& b = data.rows[j].record;
  if (*a.flops == *b.flops) {
    return;
  }
  ++order.pairs;
  const bool a_is_fewer = *a.flops < *b.flops;
  const Record& fewer = a_is_fewer ? a : b;
  const Record& more = a_is_fewer ? b : a;
  if (*fewer.seconds <= *more.seconds) {
    return;
  }
  ++order.inverted;
  order.clearly += clearly_slower(fewer, more) ? 1 : 0;
  keep_worst(order.worst, {.fewer = a_is_fewer ? i : j,
                           .more = a_is_fewer ? j : i,
                           .count_ratio = operations(more) / operations(fewer),
                           .time_ratio = *fewer.seconds / *more.seconds});
}

auto group_of(const ReportRow& row) {
  const Record& r = row.record;
  return std::tuple(row.environment, r.backend, r.dtype, r.pass, setting(r));
}

/// The indices of the rows of a group, groups in the order of their first rows.
std::vector<std::vector<std::size_t>> groups_of(const ReportData& data) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (!comparable(data.rows[i].record)) {
      continue;
    }
    const auto found = std::ranges::find_if(groups, [&](const std::vector<std::size_t>& group) {
      return group_of(data.rows[group.front()]) == group_of(data.rows[i]);
    });
    (found == groups.end() ? groups.emplace_back() : *found).push_back(i);
  }
  return groups;
}

}  // namespace

Order order_of(const ReportData& data, std::span<const std::size_t> rows) {
  Order order;
  order.cases = rows.size();
  std::vector<double> counts;
  std::vector<double> times;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    counts.push_back(operations(data.rows[rows[i]].record));
    times.push_back(*data.rows[rows[i]].record.seconds);
    for (std::size_t j = 0; j < i; ++j) {
      compare(order, data, rows[j], rows[i]);
    }
  }
  order.rho = spearman(counts, times);
  return order;
}

std::vector<CountAgainstTime> counts_against_times(const ReportData& data) {
  std::vector<CountAgainstTime> found;
  for (const std::vector<std::size_t>& group : groups_of(data)) {
    std::vector<std::size_t> steady;
    std::ranges::copy_if(group, std::back_inserter(steady),
                         [&](std::size_t i) { return data.rows[i].record.status == "ok"; });
    const ReportRow& first = data.rows[group.front()];
    found.push_back({.environment = first.environment,
                     .backend = first.record.backend,
                     .dtype = first.record.dtype,
                     .pass = first.record.pass,
                     .setting = setting(first.record),
                     .all = order_of(data, group),
                     .steady = order_of(data, steady)});
  }
  return found;
}

}  // namespace flopmeter::report
