#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "app/compare_report.h"

namespace flopmeter {
namespace {

using Json = nlohmann::ordered_json;

void add(Json& json, const compare::Estimate& estimate) {
  json["ratio"] = estimate.ratio;
  json["low"] = estimate.low;
  json["high"] = estimate.high;
  const bool judged = estimate.verdict != compare::RateChange::not_judged;
  json["p_value"] = judged ? Json(estimate.p_value) : Json();
  json["verdict"] = to_string(estimate.verdict);
}

Json json_of(const compare::CaseResult& result) {
  const compare::PairedCase& of = result.of;
  Json json{{"a", of.a},
            {"b", of.title_of_b()},
            {"seconds_a", of.seconds_a},
            {"seconds_b", of.seconds_b},
            {"status_a", of.status_a},
            {"status_b", of.status_b},
            {"raw_ratio", result.raw_ratio},
            {"normalised", of.shift.normalised},
            {"peak_ratio", std::exp(of.shift.peak)}};
  add(json, result.estimate);
  return json;
}

Json json_of(const compare::GroupResult& group) {
  Json json{{"backend", group.backend},
            {"layer", group.layer},
            {"cases", group.cases},
            {"noisy", group.noisy}};
  add(json, group.estimate);
  return json;
}

Json json_of(const compare::BetweenRuns& between) {
  return {{"backend", between.backend},
          {"deviation", between.deviation},
          {"estimated", between.estimated}};
}

Json json_of(const compare::Difference& difference) {
  return {{"field", difference.field}, {"a", difference.a}, {"b", difference.b}};
}

Json json_of(const Unpaired& one) { return {{"case", one.title}, {"reason", one.reason}}; }

template <class T>
Json list(const std::vector<T>& values) {
  Json json = Json::array();
  for (const T& value : values) {
    json.push_back(json_of(value));
  }
  return json;
}

Json side(const std::string& file, const std::string& value) {
  return {{"file", file}, {"value", value}};
}

/// Without the line's end.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <class T>
void print_list(std::string_view key, const std::vector<T>& values) {
  fmt::print(",\"{}\":[", key);
  for (std::size_t i = 0; i < values.size(); ++i) {
    fmt::print("{}{}", i == 0 ? "" : ",", dumped(json_of(values[i])));
  }
  fmt::print("]");
}

}  // namespace

void print_json(const CompareReport& report) {
  const compare::Settings& settings = report.settings;
  std::string head = dumped({{"a", side(report.a, report.by ? report.by->a : "")},
                             {"b", side(report.b, report.by ? report.by->b : "")},
                             {"by", report.by ? report.by->field : ""},
                             {"confidence", settings.confidence},
                             {"smallest_effect", settings.smallest_effect},
                             {"raw", !settings.normalise},
                             {"environment_differences", list(report.differences)},
                             {"between_runs", list(report.comparison.between)},
                             {"groups", list(report.comparison.groups)}});
  head.pop_back();  // its closing brace
  fmt::print("{}", head);
  print_list("cases", report.comparison.cases);
  print_list("unpaired", report.unpaired);
  fmt::print("}}\n");
}

}  // namespace flopmeter
