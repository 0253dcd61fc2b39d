// One row of `flopmeter isa`: a case under one limit of oneDNN's instruction set.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench_case.h"
#include "bench/benchmark_flags.h"
#include "results/json.h"
#include "results/record.h"

namespace flopmeter {

struct IsaRow {
  std::string isa;        // asked for
  std::string effective;  // what oneDNN used; empty where the process did not come so far
  Record record;          // time, status and reason
  Json executed = {};     // as `flopmeter count --json` has it; null where it was not counted

  /// An executed count by its keys: {"active", "multiplies"}.
  std::optional<std::int64_t> count(std::string_view lanes, std::string_view kind) const;
  std::optional<std::int64_t> instructions() const;
  std::optional<double> share(std::string_view key) const;
  std::string not_counted() const;   // why, empty where it was counted
  std::string disagreement() const;  // the first result that counting changed
  /// Of any kind, over the MACs of the layer's formula without padding: the same MACs for every
  /// instruction set, fused or not.
  std::optional<double> instructions_per_mac() const;
};

/// Times the case and counts what it executes, in this process. `unavailable` where oneDNN uses
/// another instruction set than asked for.
IsaRow measure_isa(std::string_view isa, const BenchCase& what, const BenchmarkFlags& flags);

/// The same in a process of its own: one line of JSON by `flopmeter isa --here`. A process that
/// fails is a row that says how.
IsaRow measure_isa_in_child(std::string_view isa, const BenchCase& what,
                            const BenchmarkFlags& flags);

/// What the processes hand over.
Json to_json(const IsaRow& row);
/// Throws std::invalid_argument or nlohmann's exceptions where it is none.
IsaRow isa_row_from_json(const Json& json);

/// Whether the row has a time.
bool timed(const IsaRow& row);

/// Seconds of one call in the fastest sample: the processes run one after another, and what else
/// the machine does can only slow them down. Only where the row is timed.
double fastest(const IsaRow& row);

/// The rate of each row over that of the best, from the fastest samples. Empty where there is no
/// time.
std::vector<std::optional<double>> ratios_to_best(const std::vector<IsaRow>& rows);

}  // namespace flopmeter
