#include "validate/claims/check.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>
#include <tuple>

#include "validate/ledger/fuzz.h"

namespace flopmeter::claims {
namespace {

constexpr std::size_t shrunk_starts = 16;  // wrong shapes that are made smaller, smallest first

/// Conditions on the layer's own fields, behind those that all layers share: a flag off or on, a
/// field at its default.
class FieldConditions {
 public:
  explicit FieldConditions(const AnyLayer& layer) {
    for (const FieldInfo& field : layer.fields) {
      if (field.lowest == 0 && field.fuzz_high == 1) {
        add(field.key, 0);
        add(field.key, 1);
      } else if (field.otherwise != unset && field.otherwise == field.fuzz_low) {
        add(field.key, field.otherwise);
      }
    }
  }
  std::span<const Condition> all() const { return all_; }

 private:
  void add(std::string_view key, std::int64_t value) {
    const std::string& name = texts_.emplace_back(fmt::format("{} = {}", key, value));
    if (std::ranges::find(conditions(), name, &Condition::name) == conditions().end()) {
      all_.push_back({name, texts_.emplace_back(fmt::format("{} == {}", key, value)), ""});
    }
  }

  std::deque<std::string> texts_;
  std::vector<Condition> all_;
};

class Judge {
 public:
  Judge(const Statement& statement, const Scale& scale)
      : statement_(statement),
        scale_(scale),
        formula_(statement.formula, {}),
        samples_(sweep_layer(
            *scale.layer,
            [&](const Problem& problem) { return claims::measure(problem, scale_.passes); })),
        conditions_(*scale.layer) {
    for (Sample& sample : samples_) {
      for (Scope& scope : sample.scopes) {
        scope.erase("one_sample_macs");  // of the guides, which leave out mb
        scope.erase("forward_macs");     // of the guides' training steps
      }
      pointers_.push_back(&sample);
    }
  }

  bool padding_matters() const {
    return std::ranges::any_of(
        samples_, [](const Sample& s) { return s.measured.dense != s.measured.in_bounds; });
  }

  Answer answer(const Measure& measure) const {
    Answer answer;
    answer.approximately = statement_.approximately;
    answer.finding = statement_.approximately
                         ? hold_approximately(formula_, measure, pointers_, conditions_.all())
                         : hold(formula_, measure, pointers_, conditions_.all());
    answer.counterexample = counterexample(measure);
    return answer;
  }

 private:
  bool wrong(const SampleComparison& comparison) const {
    return statement_.approximately ? comparison.deviation() > approximate_limit
                                    : !comparison.exact();
  }

  SampleComparison compare(const Problem& problem, const Measure& measure) const {
    const CountedSums measured = claims::measure(problem, scale_.passes);
    Scope scope = shape_scope(problem);
    add_measured(scope, measured, measure.reading);
    return {problem.shape(), formula_.evaluate(scope, 0), measure.of(measured, 0)};
  }

  std::optional<SampleComparison> counterexample(const Measure& measure) const {
    std::optional<Problem> smallest;
    std::size_t tried = 0;
    const auto fails = [&](const Problem& problem) { return wrong(compare(problem, measure)); };
    for (const Sample& sample : samples_) {
      const SampleComparison comparison{sample.shape,
                                        formula_.evaluate(sample.scopes[index(measure.reading)], 0),
                                        measure.of(sample.measured, 0)};
      if (wrong(comparison)) {
        const Problem problem = shrink(parse_problem(*scale_.layer, sample.shape), fails);
        smallest = !smallest || size(problem) < size(*smallest) ? problem : smallest;
        if (++tried == shrunk_starts) {
          break;
        }
      }
    }
    return smallest ? std::optional(compare(*smallest, measure)) : std::nullopt;
  }

  /// What makes one counterexample smaller than another.
  static std::tuple<std::int64_t, std::size_t> size(const Problem& problem) {
    return {std::accumulate(problem.values.begin(), problem.values.end(), std::int64_t{0}),
            problem.shape().size()};
  }

  const Statement& statement_;
  const Scale& scale_;
  BoundFormula formula_;
  std::vector<Sample> samples_;
  FieldConditions conditions_;
  std::vector<const Sample*> pointers_;
};

/// The most shapes; of equals, in bounds, which is what must be computed.
std::size_t choose(const std::vector<Answer>& answers) {
  const auto value = [](const Answer& answer) {
    return std::tuple(answer.holds(), answer.holds_somewhere(),
                      answer.holds_somewhere() ? answer.finding.covered : 0,
                      answer.finding.measure.reading == PaddingReading::in_bounds);
  };
  return static_cast<std::size_t>(std::ranges::max_element(answers, {}, value) - answers.begin());
}

}  // namespace

std::vector<Measure> measures_of(const Statement& statement, const Scale& scale) {
  std::vector<Measure> measures = measures_of(statement.quantity);
  std::erase_if(measures, [&](const Measure& measure) {
    const bool other_reading =
        measure.padding_matters && scale.reading && measure.reading != *scale.reading;
    return other_reading || measure.convention != (statement.convention.empty() ? "" : "exact");
  });
  for (Measure& measure : measures) {
    measure.convention = statement.convention;  // of the table's, one stands for all
    measure.dtype = scale.dtype;
  }
  return measures;
}

bool Answer::holds_somewhere() const {
  return finding.held == Held::exact || finding.held == Held::exact_when ||
         (approximately && finding.held == Held::approximate);
}

std::string Answer::verdict() const {
  if (!holds_somewhere()) {
    return "refuted";
  }
  const std::string within =
      approximately ? fmt::format("within {:.3g} % ", 100 * finding.worst->deviation()) : "";
  if (holds()) {
    return fmt::format("holds {}on all {} shapes", within, finding.samples);
  }
  std::string when;
  for (const std::string_view condition : finding.when) {
    when += (when.empty() ? "when " : " and ") + std::string(condition);
  }
  return fmt::format("holds {}{} ({} of {} shapes)", within, when, finding.covered,
                     finding.samples);
}

double signed_deviation(const SampleComparison& comparison) {
  const auto measured = static_cast<double>(comparison.measured);
  return measured == 0 ? std::copysign(std::numeric_limits<double>::infinity(), comparison.formula)
                       : (comparison.formula - measured) / measured;
}

Check check(const Statement& statement, const Scale& scale) {
  Check check{statement, scale, {}, 0};
  for (const Pass pass : scale.passes) {
    scale.layer->require(pass);
  }
  const Judge judge(check.statement, check.scale);
  std::vector<Measure> measures = measures_of(check.statement, check.scale);
  if (!judge.padding_matters() && measures.size() > 1) {
    measures = without_padding(std::move(measures));
  }
  for (const Measure& measure : measures) {
    check.answers.push_back(judge.answer(measure));
  }
  check.chosen = choose(check.answers);
  return check;
}

}  // namespace flopmeter::claims
