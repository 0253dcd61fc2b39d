// What differs between two machine files.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "app/machine_profile.h"
#include "results/report/text_table.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

std::string environment_text(const Environment& a, const Environment& b) {
  const Json first = to_json(a);
  const Json second = to_json(b);
  std::string text;
  for (const auto& [key, value] : first.items()) {
    if (value != second.at(key)) {
      text += fmt::format("  {:<16}{}  |  {}\n", key, value.dump(), second.at(key).dump());
    }
  }
  return text.empty() ? "  the same\n" : text;
}

std::string ratio_text(double a, double b) {
  return a > 0 && b > 0 ? fmt::format("{:.3f}", b / a) : "-";
}

std::string rates_text(const Profile& a, const Profile& b) {
  report::TextTable table{.columns = {{"dtype"},
                                      {"threads", true},
                                      {"operations/s, b / a", true},
                                      {"bytes/s, b / a", true},
                                      {"fixed, b / a", true}}};
  for (const ProfileRate& one : a.rates) {
    const auto other = std::ranges::find_if(b.rates, [&](const ProfileRate& rate) {
      return rate.dtype == one.dtype && rate.threads == one.threads;
    });
    if (other == b.rates.end()) {
      table.rows.push_back({{one.dtype}, {fmt::format("{}", one.threads)}, {"only in a"}});
      continue;
    }
    table.rows.push_back({{one.dtype},
                          {fmt::format("{}", one.threads)},
                          {ratio_text(one.operations_per_second, other->operations_per_second)},
                          {ratio_text(one.bytes_per_second, other->bytes_per_second)},
                          {ratio_text(one.fixed_seconds, other->fixed_seconds)}});
  }
  return report::to_text(table, 2);
}

using ClassKey = std::tuple<std::string, std::string, std::int64_t>;
using ShapeKey = std::tuple<ClassKey, std::string, std::string>;

/// Seconds of the points that both have, b / a, by class.
std::map<ClassKey, std::vector<double>> time_ratios(const Profile& a, const Profile& b) {
  std::map<ShapeKey, double> first;
  for (const ProfilePoint& point : a.points) {
    if (point.seconds > 0) {
      first[{{point.kind, point.dtype, point.threads}, point.layer, point.shape}] = point.seconds;
    }
  }
  std::map<ClassKey, std::vector<double>> ratios;
  for (const ProfilePoint& point : b.points) {
    const ClassKey kind{point.kind, point.dtype, point.threads};
    const auto found = first.find({kind, point.layer, point.shape});
    if (point.seconds > 0 && found != first.end()) {
      ratios[kind].push_back(point.seconds / found->second);
    }
  }
  return ratios;
}

std::string classes_text(const Profile& a, const Profile& b) {
  report::TextTable table{.columns = {{"class"},
                                      {"dtype"},
                                      {"threads", true},
                                      {"shapes", true},
                                      {"time, b / a", true},
                                      {"least to most", true}}};
  for (const auto& [kind, ratios] : time_ratios(a, b)) {
    const auto& [name, dtype, threads] = kind;
    const auto [least, most] = std::ranges::minmax(ratios);
    table.rows.push_back({{name},
                          {dtype},
                          {fmt::format("{}", threads)},
                          {fmt::format("{}", ratios.size())},
                          {fmt::format("{:.3f}", median(ratios))},
                          {fmt::format("{:.3f} - {:.3f}", least, most)}});
  }
  return report::to_text(table, 2);
}

}  // namespace

std::string compare_machines(const MachineFile& a, const MachineFile& b) {
  std::string text = fmt::format("a: {}\nb: {}\n\nEnvironment\n{}", a.path, b.path,
                                 environment_text(a.environment, b.environment));
  if (!a.profile || !b.profile) {
    return text + fmt::format("\n{} has no profile: flopmeter machine --profile makes one\n",
                              !a.profile ? a.path : b.path);
  }
  text += fmt::format("\nRates\n{}", rates_text(*a.profile, *b.profile));
  return text + fmt::format(
                    "\nTimes of shapes that both profiles have, weights in memory: the median of a "
                    "class\n{}",
                    classes_text(*a.profile, *b.profile));
}

}  // namespace flopmeter
