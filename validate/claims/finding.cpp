#include "validate/claims/finding.h"

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
  std::vector<SampleComparison> comparisons;
  std::vector<Bits> predicates;  // of the conditions that apply to every sample
  std::vector<std::string_view> names;
};

/// The worst of all dimensions that the claim is held along.
SampleComparison compare(const BoundFormula& formula, const Measure& measure,
                         const Sample& sample) {
  SampleComparison worst;
  for (std::size_t variant = 0; variant < formula.variants(); ++variant) {
    const SampleComparison now{
        sample.shape, formula.evaluate(sample.scopes[index(measure.reading)], variant),
        measure.of(sample.measured, variant), formula.upper(sample.scopes[index(measure.reading)])};
    if (variant == 0 || now.deviation() > worst.deviation()) {
      worst = now;
    }
  }
  return worst;
}

void add_predicates(Trial& trial, PaddingReading reading, std::span<const Sample* const> samples,
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

void add_more(Trial& trial, PaddingReading reading, std::span<const Sample* const> samples,
              std::span<const Condition> more) {
  for (const Condition& condition : more) {
    const Expression holds(condition.holds);
    Bits bits(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (holds.evaluate(samples[i]->scopes[index(reading)]) != 0) {
        bits.set(i);
      }
    }
    trial.predicates.push_back(bits);
    trial.names.push_back(condition.name);
  }
}

Trial try_out(const BoundFormula& formula, const Measure& measure,
              std::span<const Sample* const> samples, bool for_exact,
              std::span<const Condition> more) {
  Trial trial;
  for (const Sample* sample : samples) {
    trial.comparisons.push_back(compare(formula, measure, *sample));
  }
  add_predicates(trial, measure.reading, samples, for_exact);
  add_more(trial, measure.reading, samples, more);
  return trial;
}

template <class Test>
Bits where(const std::vector<SampleComparison>& comparisons, Test test) {
  Bits bits(comparisons.size());
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    if (test(comparisons[i])) {
      bits.set(i);
    }
  }
  return bits;
}

/// The measured as a multiple of the lower end.
double multiple(const SampleComparison& comparison) {
  return static_cast<double>(comparison.measured) / comparison.formula;
}

void note_range(Finding& finding, const std::vector<SampleComparison>& comparisons) {
  if (!comparisons.empty() && comparisons.front().upper) {
    const auto [low, high] = std::ranges::minmax_element(comparisons, {}, multiple);
    finding.lowest = *low;
    finding.highest = *high;
  }
}

/// Fills in what the conjunction leaves inside and outside.
Finding describe_finding(const Trial& trial, const Measure& measure, Held held,
                         const Conjunction& conjunction) {
  Finding finding;
  finding.measure = measure;
  finding.held = held;
  finding.samples = trial.comparisons.size();
  finding.covered = conjunction.shapes;
  Bits inside(trial.comparisons.size(), true);
  for (const std::size_t which : conjunction.which) {
    finding.when.push_back(trial.names[which]);
    inside = inside & trial.predicates[which];
  }
  const bool nowhere = held == Held::refuted;
  note_range(finding, trial.comparisons);
  for (std::size_t i = 0; i < trial.comparisons.size(); ++i) {
    const SampleComparison& comparison = trial.comparisons[i];
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

std::string wrong(const SampleComparison& comparison) {
  if (comparison.upper) {
    return fmt::format("{}: {} to {}, measured {}", comparison.shape, number(comparison.formula),
                       number(*comparison.upper), comparison.measured);
  }
  return fmt::format("{}: formula gives {}, measured {}", comparison.shape,
                     number(comparison.formula), comparison.measured);
}

}  // namespace

bool SampleComparison::exact() const {
  const auto truth = static_cast<double>(measured);
  if (upper) {
    return formula <= truth && truth <= *upper;
  }
  // A quotient that is no double on the way ("C_in/groups*C_out") costs the last bits, no more.
  return formula == truth ||
         (std::round(formula) == truth && std::abs(formula - truth) <= 1e-12 * std::abs(truth));
}

double SampleComparison::deviation() const {
  if (exact()) {
    return 0;
  }
  const auto truth = static_cast<double>(measured);
  const double off = upper && truth > *upper ? truth - *upper : std::abs(formula - truth);
  return measured == 0 || !std::isfinite(formula) ? std::numeric_limits<double>::infinity()
                                                  : off / static_cast<double>(measured);
}

Finding hold(const BoundFormula& formula, const Measure& measure,
             std::span<const Sample* const> samples, std::span<const Condition> more) {
  const Trial trial = try_out(formula, measure, samples, true, more);
  const Bits exact = where(trial.comparisons, std::mem_fn(&SampleComparison::exact));
  const Bits all(samples.size(), true);
  if (const auto found = weakest_conjunction(trial.predicates, exact, all, when_exact)) {
    const Held held = found->which.empty() ? Held::exact : Held::exact_when;
    return describe_finding(trial, measure, held, *found);
  }
  return hold_approximately(formula, measure, samples, more);
}

Finding hold_approximately(const BoundFormula& formula, const Measure& measure,
                           std::span<const Sample* const> samples,
                           std::span<const Condition> more) {
  const Trial trial = try_out(formula, measure, samples, false, more);
  const Bits near = where(trial.comparisons, [](const SampleComparison& comparison) {
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
      return (finding.lowest ? "within the range" : "exact") + when;
    case Held::approximate:
      return fmt::format("approximate (max deviation {}){}", percent(finding.worst->deviation()),
                         when);
    case Held::refuted:
      break;
  }
  return fmt::format("refuted (counterexample {})", wrong(*finding.counterexample));
}

namespace {

/// "measured from 0.9 to 1.5 times the lower end; ", of a range.
std::string extremes(const Finding& finding) {
  if (!finding.lowest) {
    return "";
  }
  return fmt::format("measured from {:.3g} ({}) to {:.3g} ({}) times the lower end; ",
                     multiple(*finding.lowest), finding.lowest->shape, multiple(*finding.highest),
                     finding.highest->shape);
}

}  // namespace

std::string evidence_of(const Finding& finding) {
  if (finding.held == Held::refuted) {
    return fmt::format("{}{} {} of {} shapes, under no condition tried; {}", extremes(finding),
                       finding.lowest ? "within the range on" : "exact on", finding.elsewhere_exact,
                       finding.samples, wrong(*finding.counterexample));
  }
  std::string text = extremes(finding) + verdict_of(finding);
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
