#include <cmath>
#include <nlohmann/json.hpp>

#include "app/compare_report.h"

namespace flopmeter {
namespace {

using Json = nlohmann::ordered_json;

void add(Json& json, const compare::Estimate& estimate) {
  json["ratio"] = estimate.ratio;
  json["low"] = estimate.low;
  json["high"] = estimate.high;
  const bool judged = estimate.verdict != compare::Verdict::not_judged;
  json["p_value"] = judged ? Json(estimate.p_value) : Json();
  json["verdict"] = to_string(estimate.verdict);
}

Json json_of(const compare::CaseResult& result) {
  const Record& a = *result.pair.a.record;
  const Record& b = *result.pair.b.record;
  Json json{{"a", title(a)},
            {"b", title(b)},
            {"seconds_a", *a.seconds},
            {"seconds_b", *b.seconds},
            {"status_a", a.status},
            {"status_b", b.status},
            {"raw_ratio", result.raw_ratio},
            {"normalised", result.shift.normalised},
            {"peak_ratio", std::exp(result.shift.peak)}};
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

Json json_of(const compare::Unpaired& unpaired) {
  return {{"case", title(*unpaired.row.record)}, {"reason", unpaired.reason}};
}

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

}  // namespace

nlohmann::ordered_json to_json(const CompareReport& report) {
  const compare::Settings& settings = report.settings;
  return {{"a", side(report.a, report.by ? report.by->a : "")},
          {"b", side(report.b, report.by ? report.by->b : "")},
          {"by", report.by ? report.by->field : ""},
          {"confidence", settings.confidence},
          {"smallest_effect", settings.smallest_effect},
          {"raw", !settings.normalise},
          {"environment_differences", list(compare::differences(report.pairing.pairs))},
          {"between_runs", list(report.comparison.between)},
          {"groups", list(report.comparison.groups)},
          {"cases", list(report.comparison.cases)},
          {"unpaired", list(report.pairing.unpaired)}};
}

}  // namespace flopmeter
