#include "validate/finding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

namespace flopmeter::claims {
namespace {

// Being near is easier to meet by accident than being exact.
constexpr SearchLimits when_exact{5, 8};
constexpr SearchLimits when_near{4, 16};

/// The samples of one claim and measure, compared.
struct Trial {
  std::vector<Comparison> comparisons;
  std::vector<Bits> predicates;  // of the conditions that apply to every sample
  std::vector<std::string_view> names;
};

/// The worst of all dimensions that the claim is held along.
Comparison compare(const BoundFormula& formula, const Measure& measure, const Sample& sample) {
  Comparison worst;
  for (std::size_t variant = 0; variant < formula.variants(); ++variant) {
    const Comparison now{sample.shape,
                         formula.evaluate(sample.scopes[index(measure.reading)], variant),
                         measure.of(sample.measured, variant)};
    if (variant == 0 || now.deviation() > worst.deviation()) {
      worst = now;
    }
  }
  return worst;
}

void add_predicates(Trial& trial, Reading reading, std::span<const Sample* const> samples,
                    bool for_exact) {
  for (std::size_t c = 0; c < conditions().size(); ++c) {
    Bits bits(samples.size());
    bool applies = conditions()[c].for_exact || !for_exact;
    for (std::size_t i = 0; i < samples.size() && applies; ++i) {
      const Met met = samples[i]->met[index(reading)][c];
      applies = met != Met::unknown;
      if (met == Met::yes) {
        bits.set(i);
      }
    }
    if (applies) {
      trial.predicates.push_back(bits);
      trial.names.push_back(conditions()[c].name);
    }
  }
}

Trial try_out(const BoundFormula& formula, const Measure& measure,
              std::span<const Sample* const> samples, bool for_exact) {
  Trial trial;
  for (const Sample* sample : samples) {
    trial.comparisons.push_back(compare(formula, measure, *sample));
  }
  add_predicates(trial, measure.reading, samples, for_exact);
  return trial;
}

template <class Test>
Bits where(const std::vector<Comparison>& comparisons, Test test) {
  Bits bits(comparisons.size());
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    if (test(comparisons[i])) {
      bits.set(i);
    }
  }
  return bits;
}

/// Fills in what the conjunction leaves inside and outside.
Finding describe_finding(const Trial& trial, const Measure& measure, Held held,
                         const Conjunction& conjunction) {
  Finding finding{measure, held, {}, trial.comparisons.size(), conjunction.shapes, 0, {}, {}};
  Bits inside(trial.comparisons.size(), true);
  for (const std::size_t which : conjunction.which) {
    finding.when.push_back(trial.names[which]);
    inside = inside & trial.predicates[which];
  }
  const bool nowhere = held == Held::refuted;
  for (std::size_t i = 0; i < trial.comparisons.size(); ++i) {
    const Comparison& comparison = trial.comparisons[i];
    if (inside.test(i) && !nowhere) {
      if (!finding.worst || comparison.deviation() > finding.worst->deviation()) {
        finding.worst = comparison;
      }
    } else if (comparison.exact()) {
      ++finding.elsewhere_exact;
    } else if (!finding.counterexample) {
      finding.counterexample = comparison;
    }
  }
  return finding;
}

std::string list(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    text += (text.empty() ? "" : " and ") + std::string(name);
  }
  return text;
}

std::string percent(double ratio) { return fmt::format("{:.3g} %", 100 * ratio); }

std::string wrong(const Comparison& comparison) {
  return fmt::format("{}: formula gives {}, measured {}", comparison.shape,
                     number(comparison.formula), comparison.measured);
}

}  // namespace

bool Comparison::exact() const {
  const auto truth = static_cast<double>(measured);
  // A quotient that is no double on the way ("C_in/groups*C_out") costs the last bits, no more.
  return formula == truth ||
         (std::round(formula) == truth && std::abs(formula - truth) <= 1e-12 * std::abs(truth));
}

double Comparison::deviation() const {
  if (exact()) {
    return 0;
  }
  const double off = std::abs(formula - static_cast<double>(measured));
  return measured == 0 || !std::isfinite(formula) ? std::numeric_limits<double>::infinity()
                                                  : off / static_cast<double>(measured);
}

Finding hold(const BoundFormula& formula, const Measure& measure,
             std::span<const Sample* const> samples) {
  const Trial trial = try_out(formula, measure, samples, true);
  const Bits exact = where(trial.comparisons, std::mem_fn(&Comparison::exact));
  const Bits all(samples.size(), true);
  if (const auto found = weakest_conjunction(trial.predicates, exact, all, when_exact)) {
    const Held held = found->which.empty() ? Held::exact : Held::exact_when;
    return describe_finding(trial, measure, held, *found);
  }
  return hold_approximately(formula, measure, samples);
}

Finding hold_approximately(const BoundFormula& formula, const Measure& measure,
                           std::span<const Sample* const> samples) {
  const Trial trial = try_out(formula, measure, samples, false);
  const Bits near = where(trial.comparisons, [](const Comparison& comparison) {
    return comparison.deviation() <= approximate_limit;
  });
  const auto found =
      weakest_conjunction(trial.predicates, near, Bits(samples.size(), true), when_near);
  return found ? describe_finding(trial, measure, Held::approximate, *found)
               : describe_finding(trial, measure, Held::refuted, {});
}

std::string verdict_of(const Finding& finding) {
  const std::string when = finding.when.empty() ? "" : " when " + list(finding.when);
  switch (finding.held) {
    case Held::exact:
    case Held::exact_when:
      return "exact" + when;
    case Held::approximate:
      return fmt::format("approximate (max deviation {}){}", percent(finding.worst->deviation()),
                         when);
    case Held::refuted:
      break;
  }
  return fmt::format("refuted (counterexample {})", wrong(*finding.counterexample));
}

std::string evidence_of(const Finding& finding) {
  if (finding.held == Held::refuted) {
    return fmt::format("exact on {} of {} shapes, under no condition tried; {}",
                       finding.elsewhere_exact, finding.samples, wrong(*finding.counterexample));
  }
  std::string text = verdict_of(finding);
  if (finding.held == Held::approximate) {
    text += fmt::format(", at {}", wrong(*finding.worst));
  }
  if (finding.covered == finding.samples) {
    return fmt::format("{} on all {} shapes", text, finding.samples);
  }
  text += fmt::format(" ({} of {} shapes)", finding.covered, finding.samples);
  text += fmt::format("; elsewhere exact on {} of {}", finding.elsewhere_exact,
                      finding.samples - finding.covered);
  return finding.counterexample ? text + ", not on " + wrong(*finding.counterexample) : text;
}

std::string number(double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  return whole ? fmt::format("{}", static_cast<std::int64_t>(value)) : fmt::format("{:g}", value);
}

}  // namespace flopmeter::claims
