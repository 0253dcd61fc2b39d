#include "validate/claims/verdict.h"

#include <algorithm>
#include <tuple>

#include "validate/claims/subject.h"

namespace flopmeter::claims {
namespace {

bool known_layer(std::string_view name) {
  return std::ranges::find(layers(), name, &AnyLayer::name) != layers().end();
}

/// Why flopmeter cannot measure the claim; empty when it can.
std::string reason_not_judged(const Claim& claim) {
  if (claim.quantity == "definition") {
    return "definition";
  }
  std::vector<std::string> needed = claim.on;
  for (const LayerShape& layer : claim.layers) {
    needed.push_back(layer.layer);
  }
  if (claim.layers.empty() && claim.layer != "any") {
    needed.push_back(claim.layer);
  }
  for (const std::string& name : needed) {
    if (!known_layer(name)) {
      return fmt::format("not measured (flopmeter has no layer '{}')", name);
    }
  }
  return "";
}

int rank(Held held) {
  switch (held) {
    case Held::exact:
    case Held::exact_when:
      return 2;
    case Held::approximate:
      return 1;
    case Held::refuted:
      break;
  }
  return 0;
}

/// In bounds is what must be computed, so that a formula is judged by it unless it only ever holds
/// with the padding counted. Of several conventions, the one under which it holds on most shapes.
std::size_t choose(const std::vector<Finding>& findings) {
  const auto value = [](const Finding& finding) {
    return std::tuple(rank(finding.held), finding.measure.reading == PaddingReading::in_bounds,
                      finding.covered);
  };
  const auto best = std::ranges::max_element(findings, {}, value);
  return static_cast<std::size_t>(best - findings.begin());
}

void judge_formula(Judgement& judgement, const BoundFormula& formula, const Subject& subject) {
  const Claim& claim = *judgement.claim;
  std::vector<Measure> measures = measures_of(claim.quantity);
  if (!subject.padding_matters()) {
    measures = without_padding(std::move(measures));
  }
  for (const Measure& measure : measures) {
    if (measure.convention == "flop2" && formula.uses_counts()) {
      judgement.flop2_by_definition = true;  // measuring it would say nothing
    } else {
      judgement.findings.push_back(hold(formula, measure, subject.samples()));
    }
  }
  judgement.chosen = choose(judgement.findings);
  const Finding& chosen = judgement.findings[judgement.chosen];
  if (claim.relation == "approximately" && chosen.held == Held::exact_when) {
    const Finding near = hold_approximately(formula, chosen.measure, subject.samples());
    if (near.held == Held::approximate && near.covered > chosen.covered) {
      judgement.approximation = near;
    }
  }
}

/// The readings of the convention that the formula satisfies; all without a formula.
std::vector<Measure> example_measures(const Judgement& judgement) {
  std::vector<Measure> measures = measures_of(judgement.claim->quantity);
  if (!judgement.findings.empty()) {
    const std::string_view convention = judgement.findings[judgement.chosen].measure.convention;
    std::erase_if(measures, [&](const Measure& m) { return m.convention != convention; });
  }
  return measures;
}

void judge_into(Judgement& judgement, Sweeps& sweeps) {
  const Claim& claim = *judgement.claim;
  if (claim.formula.empty() && claim.examples.empty()) {
    bad_input("needs a formula or an example");
  }
  const Model model = model_of(claim);
  std::optional<BoundFormula> formula;
  if (!claim.formula.empty()) {
    formula.emplace(claim.formula, claim.symbols, claim.upper);
    judge_formula(judgement, *formula, Subject(claim, model, *formula, sweeps));
  }
  if (!claim.examples.empty() && model.empty()) {
    bad_input("examples need a layer, not 'any'");
  }
  for (const Example& example : claim.examples) {
    judgement.examples.push_back(work_out(claim, example, model, formula ? &*formula : nullptr,
                                          example_measures(judgement)));
  }
}

}  // namespace

std::string Judgement::formula_verdict() const {
  if (findings.empty()) {
    return "";
  }
  const Finding& finding = findings[chosen];
  std::string text = verdict_of(finding);
  if (finding.held != Held::refuted && finding.measure.reading == PaddingReading::dense) {
    text += ", with padding computed as zeros";
  }
  text += approximation ? "; " + verdict_of(*approximation) : "";
  if (!passes_of(finding.measure).empty()) {
    text += fmt::format(", {}", passes_of(finding.measure));
  }
  if (finding.held != Held::refuted && !finding.measure.convention.empty()) {
    text += fmt::format(" (convention {})", finding.measure.convention);
  }
  return text;
}

std::string Judgement::example_verdict() const {
  return examples.empty() ? "" : shown_example()->verdict();
}

std::string Judgement::verdict() const {
  const std::string formula = formula_verdict();
  const std::string example = example_verdict();
  return not_judged + formula + (formula.empty() || example.empty() ? "" : "; ") + example;
}

std::string Judgement::evidence() const {
  std::string text;
  for (const Finding& finding : findings) {
    const std::string how = describe(finding.measure);
    text += (text.empty() ? "" : ". ") + how + (how.empty() ? "" : ": ") + evidence_of(finding);
  }
  if (approximation) {
    text += ". " + evidence_of(*approximation);
  }
  text += flop2_by_definition ? ". Convention flop2 is 2 x MAC by definition" : "";
  for (const Worked& example : examples) {
    text += (text.empty() ? "" : ". ") + example.evidence();
  }
  return text;
}

const Worked* Judgement::shown_example() const {
  if (examples.empty()) {
    return nullptr;
  }
  const auto wrong = std::ranges::find_if_not(examples, &Worked::matches);
  return wrong != examples.end() ? &*wrong : &examples.front();
}

std::vector<Judgement> judge_all(const std::vector<Claim>& claims) {
  Sweeps sweeps;
  std::vector<Judgement> judgements;
  judgements.reserve(claims.size());
  for (const Claim& claim : claims) {
    judgements.push_back(judge(claim, sweeps));
  }
  return judgements;
}

Judgement judge(const Claim& claim, Sweeps& sweeps) {
  Judgement judgement;
  judgement.claim = &claim;
  judgement.not_judged = reason_not_judged(claim);
  try {
    if (judgement.not_judged.empty()) {
      judge_into(judgement, sweeps);
    }
  } catch (const std::exception& error) {
    bad_input("claim {}: {}", claim.id, error.what());
  }
  return judgement;
}

}  // namespace flopmeter::claims
