#include "validate/verdict.h"

#include <algorithm>
#include <deque>
#include <tuple>

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

/// What examples are measured on: the layers of a model, or the one layer.
Model model_of(const Claim& claim) {
  Model model;
  for (const LayerShape& layer : claim.layers) {
    model.push_back({&find_layer(layer.layer), ShapeTemplate(layer.shape)});
  }
  if (model.empty() && claim.layer != "any") {
    model.push_back({&find_layer(claim.layer), ShapeTemplate(claim.shape)});
  }
  return model;
}

std::vector<const AnyLayer*> layers_of(const Claim& claim) {
  std::vector<const AnyLayer*> found;
  if (claim.layer != "any") {
    return {&find_layer(claim.layer)};
  }
  for (const AnyLayer& layer : layers()) {
    if (claim.on.empty() || std::ranges::find(claim.on, layer.name) != claim.on.end()) {
      found.push_back(&layer);
    }
  }
  return found;
}

/// The measured shapes that a formula is held against, smallest first.
class Subject {
 public:
  Subject(const Claim& claim, const Model& model, const BoundFormula& formula, Sweeps& sweeps) {
    if (!claim.layers.empty()) {
      add(sweep_model(model), "");
    } else {
      const std::vector<const AnyLayer*> held_on = layers_of(claim);
      for (const AnyLayer* layer : held_on) {
        add_layer(sweeps.of(*layer), held_on.size() > 1 ? layer->name : "", formula);
      }
    }
    std::ranges::stable_sort(samples_, {}, [](const Sample* s) { return s->measured.dense.macs; });
  }

  std::span<const Sample* const> samples() const { return samples_; }

 private:
  /// Of several layers, those without what the formula needs ("mb") say nothing of it.
  void add_layer(const std::vector<Sample>& samples, std::string_view name,
                 const BoundFormula& formula) {
    if (name.empty()) {
      for (const Sample& sample : samples) {
        samples_.push_back(&sample);
      }
    } else if (formula.known_in(samples.front().scopes[0])) {
      add(samples, name);
    }
  }

  /// Own copies, named with their layer.
  void add(std::vector<Sample> samples, std::string_view name) {
    for (Sample& sample : samples) {
      sample.shape = name.empty() ? sample.shape : fmt::format("{} {}", name, sample.shape);
      owned_.push_back(std::move(sample));
      samples_.push_back(&owned_.back());
    }
  }

  std::deque<Sample> owned_;
  std::vector<const Sample*> samples_;
};

/// Without padding both readings are one.
bool padding_matters(std::span<const Sample* const> samples) {
  return std::ranges::any_of(samples, [](const Sample* sample) {
    return sample->measured.dense != sample->measured.in_bounds;
  });
}

int rank(Held held) {
  switch (held) {
    case Held::exact:
    case Held::exact_when: return 2;
    case Held::approximate: return 1;
    case Held::refuted: break;
  }
  return 0;
}

/// In bounds is what must be computed, so that a formula is judged by it unless it only ever holds
/// with the padding counted. Of several conventions, the one under which it holds on most shapes.
std::size_t choose(const std::vector<Finding>& findings) {
  const auto value = [](const Finding& finding) {
    return std::tuple(rank(finding.held), finding.measure.reading == Reading::in_bounds,
                      finding.covered);
  };
  const auto best = std::ranges::max_element(findings, {}, value);
  return static_cast<std::size_t>(best - findings.begin());
}

void judge_formula(Judgement& judgement, const BoundFormula& formula,
                   std::span<const Sample* const> samples) {
  const Claim& claim = *judgement.claim;
  if (samples.empty()) {
    bad_input("no layer has the variables of formula '{}'", claim.formula);
  }
  std::vector<Measure> measures = measures_of(claim.quantity);
  if (!padding_matters(samples)) {
    measures = without_padding(std::move(measures));
  }
  for (const Measure& measure : measures) {
    // flop2 is 2 x MAC by definition: of a formula made of counts it says nothing.
    if (measure.convention != "flop2" || !formula.uses_counts()) {
      judgement.findings.push_back(hold(formula, measure, samples));
    }
  }
  judgement.chosen = choose(judgement.findings);
  const Finding& chosen = judgement.findings[judgement.chosen];
  if (claim.relation == "approximately" && chosen.held == Held::exact_when) {
    const Finding near = hold_approximately(formula, chosen.measure, samples);
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
    formula.emplace(claim.formula, claim.symbols);
    judge_formula(judgement, *formula, Subject(claim, model, *formula, sweeps).samples());
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
  if (finding.held != Held::refuted && finding.measure.reading == Reading::dense) {
    text += ", with padding computed as zeros";
  }
  text += approximation ? "; " + verdict_of(*approximation) : "";
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
