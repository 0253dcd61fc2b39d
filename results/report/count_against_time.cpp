#include "results/report/count_against_time.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <tuple>

#include "results/report/rank_correlation.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t named_inversions = 3;
constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

double operations(const BriefRow& row) { return static_cast<double>(*row.flops); }

bool comparable(const BriefRow& row) { return timed(row) && row.flops.value_or(0) > 0; }

double severity(const Inversion& inversion) { return inversion.count_ratio * inversion.time_ratio; }

void keep_worst(std::vector<Inversion>& worst, const Inversion& next) {
  const auto place =
      std::ranges::upper_bound(worst, severity(next), std::ranges::greater{}, severity);
  worst.insert(place, next);
  if (worst.size() > named_inversions) {
    worst.pop_back();
  }
}

/// Sums of what was put at places, over all places behind one (Fenwick's tree, from the end).
class CountBehind {
 public:
  explicit CountBehind(std::size_t places) : sums_(places + 1) {}

  void add(std::size_t place) {
    for (std::size_t i = sums_.size() - 1 - place; i < sums_.size(); i += i & (~i + 1)) {
      ++sums_[i];
    }
  }
  std::int64_t behind(std::size_t place) const {
    std::int64_t sum = 0;
    for (std::size_t i = sums_.size() - 2 - place; i > 0; i -= i & (~i + 1)) {
      sum += sums_[i];
    }
    return sum;
  }

 private:
  std::vector<std::int64_t> sums_;
};

/// The same with the few largest in place of a sum.
class LargestBehind {
 public:
  using Few = std::array<std::size_t, named_inversions>;  // the largest first, then `nobody`

  LargestBehind(std::size_t places, std::span<const double> values)
      : values_(values), few_(places + 1, none()) {}

  void add(std::size_t place, std::size_t one) {
    for (std::size_t i = few_.size() - 1 - place; i < few_.size(); i += i & (~i + 1)) {
      take(few_[i], one);
    }
  }
  Few behind(std::size_t place) const {
    Few found = none();
    for (std::size_t i = few_.size() - 2 - place; i > 0; i -= i & (~i + 1)) {
      std::ranges::for_each(few_[i], [&](std::size_t one) { take(found, one); });
    }
    return found;
  }

 private:
  static Few none() {
    Few few;
    few.fill(nobody);
    return few;
  }
  void take(Few& few, std::size_t one) const {
    for (std::size_t& place : few) {
      if (one != nobody && (place == nobody || values_[one] > values_[place])) {
        std::swap(place, one);
      }
    }
  }

  std::span<const double> values_;
  std::vector<Few> few_;
};

/// Where a value stands among all that occur.
class ValuePlaces {
 public:
  explicit ValuePlaces(std::vector<double> values) : values_(std::move(values)) {
    std::ranges::sort(values_);
    values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
  }
  std::size_t size() const { return values_.size(); }
  /// Of the largest that is not above it; a value below all has none.
  std::optional<std::size_t> operator()(double value) const {
    const auto above = std::ranges::upper_bound(values_, value);
    return above == values_.begin() ? std::nullopt
                                    : std::optional<std::size_t>(above - values_.begin() - 1);
  }

 private:
  std::vector<double> values_;
};

std::vector<double> values_of(const ReportData& data, std::span<const std::size_t> rows,
                              double (*value)(const BriefRow&)) {
  std::vector<double> values;
  for (const std::size_t row : rows) {
    values.push_back(value(data.all[row]));
  }
  return values;
}

double seconds_of(const BriefRow& row) { return *row.seconds; }

/// Goes through the rows by their operations, those with equal ones together, and asks of each how it lies to those
/// with fewer. Time: n log n.
class PairsInOrder {
 public:
  PairsInOrder(const ReportData& data, std::span<const std::size_t> rows, Order& order)
      : data_(data),
        rows_(rows),
        order_(order),
        by_count_(rows.size()),
        per_operation_(values_of(
            data, rows, [](const BriefRow& row) { return *row.seconds / operations(row); })),
        times_(values_of(data, rows, seconds_of)),
        least_(values_of(data, rows, [](const BriefRow& row) { return row.least; })),
        slower_(times_.size()),
        clearly_(least_.size()),
        largest_(times_.size(), per_operation_) {
    std::iota(by_count_.begin(), by_count_.end(), std::size_t{0});
    std::ranges::sort(by_count_, {}, [&](std::size_t i) { return row(i).flops; });
  }

  void run() {
    for (std::size_t first = 0; first < by_count_.size();) {
      std::size_t end = first;
      while (end < by_count_.size() && row(by_count_[end]).flops == row(by_count_[first]).flops) {
        ask(by_count_[end++], first);
      }
      for (; first < end; ++first) {
        add(by_count_[first]);
      }
    }
  }

 private:
  const BriefRow& row(std::size_t i) const { return data_.all[rows_[i]]; }

  void ask(std::size_t i, std::size_t fewer) {
    const std::size_t place = *times_(*row(i).seconds);
    order_.pairs += static_cast<std::int64_t>(fewer);
    order_.inverted += slower_.behind(place);
    const auto most = least_(row(i).most);
    order_.clearly += row(i).most > 0 && most ? clearly_.behind(*most) : 0;
    for (const std::size_t other : largest_.behind(place)) {
      if (other != nobody) {
        keep_worst(order_.worst, {.fewer = rows_[other],
                                  .more = rows_[i],
                                  .count_ratio = operations(row(i)) / operations(row(other)),
                                  .time_ratio = *row(other).seconds / *row(i).seconds});
      }
    }
  }

  void add(std::size_t i) {
    const std::size_t place = *times_(*row(i).seconds);
    slower_.add(place);
    largest_.add(place, i);
    if (row(i).most > 0) {
      clearly_.add(*least_(row(i).least));
    }
  }

  const ReportData& data_;
  std::span<const std::size_t> rows_;
  Order& order_;
  std::vector<std::size_t> by_count_;
  std::vector<double> per_operation_;
  ValuePlaces times_, least_;
  CountBehind slower_, clearly_;
  LargestBehind largest_;
};

auto group_of(const BriefRow& r) {
  return std::tuple(r.environment, r.backend, r.dtype, r.pass, r.threads, r.cache);
}

/// The indices of the rows of a group, groups in the order of their first rows.
std::vector<std::vector<std::size_t>> groups_of(const ReportData& data) {
  std::map<decltype(group_of({})), std::size_t> places;
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < data.all.size(); ++i) {
    if (comparable(data.all[i])) {
      const auto [found, is_new] = places.emplace(group_of(data.all[i]), groups.size());
      (is_new ? groups.emplace_back() : groups[found->second]).push_back(i);
    }
  }
  return groups;
}

}  // namespace

Order order_of(const ReportData& data, std::span<const std::size_t> rows) {
  Order order;
  order.cases = rows.size();
  PairsInOrder(data, rows, order).run();
  order.rho = spearman(values_of(data, rows, operations), values_of(data, rows, seconds_of));
  return order;
}

std::vector<CountAgainstTime> counts_against_times(const ReportData& data) {
  std::vector<CountAgainstTime> found;
  for (const std::vector<std::size_t>& group : groups_of(data)) {
    std::vector<std::size_t> steady;
    std::ranges::copy_if(group, std::back_inserter(steady),
                         [&](std::size_t i) { return data.all[i].status == "ok"; });
    const BriefRow& first = data.all[group.front()];
    found.push_back({.environment = first.environment,
                     .backend = first.backend,
                     .dtype = first.dtype,
                     .pass = first.pass,
                     .setting = setting(first),
                     .all = order_of(data, group),
                     .steady = order_of(data, steady)});
  }
  return found;
}

}  // namespace flopmeter::report
