#include "validate/claims_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

namespace flopmeter::claims {
namespace {

using Json = nlohmann::ordered_json;

/// "macs = C_in*C_out", "flops ~ 2*macs", or "macs" where the guide gives only a number.
std::string statement(const Claim& claim) {
  if (claim.formula.empty()) {
    return claim.quantity == "definition" ? claim.says : claim.quantity;
  }
  return fmt::format("{} {} {}", claim.quantity, claim.relation == "equals" ? "=" : "~",
                     claim.formula);
}

std::string kind_of(const Report& report, const std::string& id) {
  const auto source = std::ranges::find(report.sources, id, &Source::id);
  return source == report.sources.end() ? "" : source->kind;
}

/// Calls back for each guide, in the order of its first claim, and for each of its claims.
void walk(const Report& report, const std::function<void(const std::string&)>& on_source,
          const std::function<void(const Judgement&)>& on_judgement) {
  std::vector<std::string> seen;
  for (const Judgement& first : report.judgements) {
    const std::string& source = first.claim->source;
    if (std::ranges::find(seen, source) != seen.end()) {
      continue;
    }
    seen.push_back(source);
    on_source(source);
    for (const Judgement& judgement : report.judgements) {
      if (judgement.claim->source == source) {
        on_judgement(judgement);
      }
    }
  }
}

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

Json json_comparison(const std::optional<Comparison>& comparison) {
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

/// A | would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, 1, '\\');
  }
  return text;
}

constexpr std::string_view how_to_read =
    R"(# What published guides say, measured

Generated by `flopmeter claims --markdown`; do not edit.

Each guide states formulas and worked numbers for parameters, MACs, FLOPs, multiplies and output sizes.
flopmeter has no table of answers. It runs the plain loops of each layer on a scalar that counts its own
operations, over a fixed sweep of small shapes, and looks for the fewest conditions under which a formula
is what was measured on every shape; among equally few, those that leave most shapes. `exact` holds
everywhere. `exact when ...` was exact on every shape under the conditions, of which there were at least
eight; the evidence says how often it holds without them and names the smallest shape where it does not.
`approximate` is off by no more than the deviation. `refuted` holds under none of the conditions tried. A
worked number `matches`, or is `misprinted` and the right number follows. Padding can be read in two
ways: `in bounds` counts the taps that touch real input, which is all that must be computed; `dense`
counts every tap, as if the padding were stored as zeros, which is what published counters print. The
verdict is about in bounds unless a formula holds only with the padding counted. Guides do not say which
FLOPs they mean: `exact` counts every multiply and every add, `flop2` is 2 x MAC; the verdict names the one
under which the formula holds on more shapes.
)";

}  // namespace

std::string summary(const Report& report) {
  const auto count = [&](auto test) { return std::ranges::count_if(report.judgements, test); };
  const auto held = [&](Held wanted) {
    return count([&](const Judgement& j) {
      return !j.findings.empty() && j.findings[j.chosen].held == wanted;
    });
  };
  const auto printed = [&](bool matches) {
    return count([&](const Judgement& j) {
      return !j.examples.empty() && j.shown_example()->matches() == matches;
    });
  };
  return fmt::format("{} claims. Formulas: {} exact, {} exact under conditions, {} approximate, {} "
                     "refuted. Claims with worked numbers: {} match, {} misprinted.",
                     report.judgements.size(), held(Held::exact), held(Held::exact_when),
                     held(Held::approximate), held(Held::refuted), printed(true), printed(false));
}

std::string to_text(const Report& report) {
  std::string text;
  const auto on_source = [&](const std::string& id) {
    text += fmt::format("{}{}  {}\n", text.empty() ? "" : "\n", id, kind_of(report, id));
  };
  const auto on_judgement = [&](const Judgement& judgement) {
    text += fmt::format("\n  {}  {}: {}\n", judgement.claim->id, judgement.claim->layer,
                        statement(*judgement.claim));
    text += fmt::format("    verdict   {}\n", judgement.verdict());
    for (const Worked& worked : judgement.examples) {
      text += fmt::format("    number    {}: {}\n", worked.evidence(), worked.verdict());
    }
    for (const Finding& finding : judgement.findings) {
      const std::string how = describe(finding.measure);
      text += fmt::format("    evidence  {}{}\n", how.empty() ? "" : how + ": ", evidence_of(finding));
    }
    if (judgement.approximation) {
      text += fmt::format("    evidence  {}\n", evidence_of(*judgement.approximation));
    }
  };
  walk(report, on_source, on_judgement);
  return fmt::format("{}\n{}\n", text, summary(report));
}

std::string to_json(const Report& report) {
  Json array = Json::array();
  for (const Judgement& judgement : report.judgements) {
    array.push_back(json_judgement(judgement, kind_of(report, judgement.claim->source)));
  }
  return array.dump(2) + "\n";
}

std::string to_markdown(const Report& report) {
  std::string text = fmt::format("{}\n{}\n", how_to_read, summary(report));
  std::string evidence;
  const auto on_source = [&](const std::string& id) {
    text += std::exchange(evidence, "");
    text += fmt::format("\n## {}: {}\n\n", id, kind_of(report, id));
    text += "| claim | layer | states | verdict |\n|---|---|---|---|\n";
    evidence = "\nEvidence:\n\n";
  };
  const auto on_judgement = [&](const Judgement& judgement) {
    const Claim& claim = *judgement.claim;
    const bool code = !claim.formula.empty();
    text += fmt::format("| {} | {} | {}{}{} | {} |\n", claim.id, claim.layer, code ? "`" : "",
                        cell(statement(claim)), code ? "`" : "", cell(judgement.verdict()));
    if (judgement.not_judged.empty()) {
      evidence += fmt::format("- {}: {}\n", claim.id, judgement.evidence());
    }
  };
  walk(report, on_source, on_judgement);
  return text + evidence;
}

}  // namespace flopmeter::claims
