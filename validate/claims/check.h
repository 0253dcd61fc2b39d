// A user's formula held against measured counts: "macs = mb*ic*oc" of a layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "validate/claims/finding.h"
#include "validate/claims/statement.h"

namespace flopmeter::claims {

/// What a formula is held against.
struct Scale {
  const AnyLayer* layer = nullptr;
  std::vector<Pass> passes = {Pass::forward};  // several are summed
  Dtype dtype = Dtype::f32;                    // of bytes
  std::optional<PaddingReading> reading = {};  // both when unset
};

/// The ways to measure what the statement is about, within the scale.
std::vector<Measure> measures_of(const Statement& statement, const Scale& scale);

/// One reading's answer. `counterexample` is a shape on which the formula is wrong and of which no
/// field can be made smaller; empty where it holds everywhere.
struct Answer {
  Finding finding;
  bool approximately = false;
  std::optional<SampleComparison> counterexample;

  bool holds() const { return !counterexample; }
  bool holds_somewhere() const;
  /// "holds on all 874 shapes", "holds when g = 1 (323 of 874 shapes)", "refuted".
  std::string verdict() const;
};

struct Check {
  Statement statement;
  Scale scale;
  std::vector<Answer> answers;  // one a reading; one alone where padding does not matter
  std::size_t chosen = 0;       // the reading that suits the formula best

  bool holds() const { return answers[chosen].holds(); }
};

/// Measures the layer's sweep and judges the formula. Throws BadInput, also for unknown names in
/// the formula, naming the known ones.
Check check(const Statement& statement, const Scale& scale);

/// (formula - measured) / measured; infinite where nothing was measured but something claimed.
double signed_deviation(const SampleComparison& comparison);

}  // namespace flopmeter::claims
