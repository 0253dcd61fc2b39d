// What a run found of formulas: flopmeter's own held against counts, and what guides publish.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "results/machine.h"

namespace flopmeter {

/// A layer's formula for one pass, held against counts, kind by kind.
struct FormulaRow {
  std::string layer = {};
  std::string pass = {};
  std::optional<std::int64_t> cases = {};  // that were examined, on all shapes and backends
  std::optional<std::int64_t> agree = {};  // of them: no count and no output disagreed
  std::string verdict = {};                // "exact", "refuted"
  std::string counterexample = {};         // a case that disagrees, and how; empty: none
};

/// What a guide states, judged by measurement.
struct ClaimRow {
  std::string id = {};
  std::string guide = {};      // who states it
  std::string statement = {};  // "macs = C_in*C_out", or what kind of number it gives
  /// Of its formula: "exact", "exact under conditions", "approximate", "refuted"; empty: none.
  std::string formula = {};
  /// Of its worked numbers: "match", "misprinted"; empty: none.
  std::string numbers = {};
  std::string verdict = {};   // both in full: "exact when mb = 1", "misprinted (...)"
  std::string evidence = {};  // the numbers behind the verdict
};

/// "74 claims. Formulas: 12 exact, 44 exact under conditions, ... Claims with worked numbers: 29
/// match, 5 misprinted." One text for every output. Rows of a file from before it said this in words
/// of their own are counted apart.
std::string claim_summary(std::span<const ClaimRow> rows);

template <>
std::span<const RowField<FormulaRow>> row_fields();
template <>
std::span<const RowField<ClaimRow>> row_fields();

}  // namespace flopmeter
