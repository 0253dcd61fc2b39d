// Judgements as JSON.
#include <cmath>
#include <nlohmann/json.hpp>

#include "validate/claims/report.h"

namespace flopmeter::claims {
namespace {

using Json = nlohmann::ordered_json;

/// Integers stay integers; what JSON cannot say is null.
Json json_number(double value) {
  if (!std::isfinite(value)) {
    return nullptr;
  }
  const bool whole = value == std::floor(value) && std::abs(value) <= 9007199254740992.0;
  return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

template <class Number>
Json json_optional(const std::optional<Number>& value) {
  return value ? json_number(static_cast<double>(*value)) : Json(nullptr);
}

Json json_text(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_comparison(const std::optional<SampleComparison>& comparison) {
  if (!comparison) {
    return nullptr;
  }
  return {{"shape", comparison->shape},
          {"formula", json_number(comparison->formula)},
          {"measured", comparison->measured}};
}

Json json_finding(const Finding& finding) {
  Json json{{"verdict", verdict_of(finding)},
            {"reading", json_text(reading_name(finding.measure))},
            {"convention", json_text(finding.measure.convention)},
            {"conditions", finding.when},
            {"shapes", finding.samples},
            {"shapes_under_conditions", finding.covered},
            {"exact_elsewhere", finding.elsewhere_exact}};
  json["max_deviation"] = finding.worst ? json_number(finding.worst->deviation()) : Json(nullptr);
  json["counterexample"] = json_comparison(finding.counterexample);
  return json;
}

Json json_worked(const Worked& worked) {
  Json at = Json::object();
  for (const auto& [symbol, value] : worked.example->at) {
    at[symbol] = json_number(value);
  }
  Json json{{"at", at},
            {"shape", worked.shape},
            {"stated", json_optional(worked.example->states)},
            {"formula", json_optional(worked.formula)},
            {"measured", worked.measured()},
            {"reading", json_text(reading_name(worked.measures[worked.chosen]))},
            {"convention", json_text(worked.measures[worked.chosen].convention)},
            {"verdict", worked.verdict()},
            {"readings", Json::array()}};
  for (std::size_t i = 0; i < worked.measures.size(); ++i) {
    json["readings"].push_back({{"reading", json_text(reading_name(worked.measures[i]))},
                                {"convention", json_text(worked.measures[i].convention)},
                                {"measured", worked.values[i]}});
  }
  return json;
}

Json json_judgement(const Judgement& judgement, const std::string& guide) {
  const Claim& claim = *judgement.claim;
  const Worked* shown = judgement.shown_example();
  Json json{{"id", claim.id},
            {"verdict", judgement.verdict()},
            {"measured", shown != nullptr ? Json(shown->measured()) : Json(nullptr)},
            {"stated", shown != nullptr ? json_optional(shown->example->states) : Json(nullptr)},
            {"evidence", judgement.evidence()},
            {"source", claim.source},
            {"guide", guide},
            {"layer", claim.layer},
            {"quantity", claim.quantity},
            {"relation", claim.relation},
            {"formula", json_text(claim.formula)},
            {"scope", json_text(claim.scope)},
            {"formula_verdict", json_text(judgement.formula_verdict())},
            {"example_verdict", json_text(judgement.example_verdict())}};
  if (!judgement.findings.empty()) {
    Json chosen = json_finding(judgement.findings[judgement.chosen]);
    chosen.erase("verdict");  // of the formula alone, said above
    json.update(chosen);
  }
  json["findings"] = Json::array();
  for (const Finding& finding : judgement.findings) {
    json["findings"].push_back(json_finding(finding));
  }
  json["examples"] = Json::array();
  for (const Worked& worked : judgement.examples) {
    json["examples"].push_back(json_worked(worked));
  }
  return json;
}

}  // namespace

std::string to_json(const Report& report) {
  Json array = Json::array();
  for (const Judgement& judgement : report.judgements) {
    array.push_back(json_judgement(judgement, kind_of(report, judgement.claim->source)));
  }
  return array.dump(2) + "\n";
}

}  // namespace flopmeter::claims
