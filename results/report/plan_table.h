// What `flopmeter plan --json` printed, read back.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/json.h"

namespace flopmeter::report {

/// A combination, as `flopmeter plan --json` prints it. Times in seconds.
struct PlannedRun {
  std::string machine, dtype, bound, meets;  // meets: "yes", "likely", "no"; empty without a target
  std::int64_t threads = 1, batch = 1;
  double seconds = 0, low = 0, high = 0;    // predicted, of a batch
  double level = 0;                         // of the interval; 0: none is known
  double per_second = 0, memory_bytes = 0;  // inferences, of a language model tokens
  double outside = 0, approximated = 0;     // shares of the time
  bool whole = true;                        // else the time is at least the one given
  std::optional<double> cost = {};          // of a million of them, in the unit of the price
  std::optional<double> measured = {};      // where --check measured
  bool pareto = false;                      // of time and cost
};

struct PlanTable {
  std::string model, unfused;
  std::string inference;                      // what one is of, as inference_text says it
  std::string intervals;                      // what they are, and how they were found
  std::string in_caches, unproved, left_out;  // remarks; empty: none
  std::vector<PlannedRun> runs;               // ranked
  std::vector<std::string> changes, missing;
  bool tokens = false;  // are counted, not inferences

  std::string counted() const { return tokens ? "tokens" : "inferences"; }
};

bool is_plan(const Json& json);

/// Throws CannotRead naming the key that is missing.
PlanTable plan_table(const Json& json, std::string_view origin);

/// Indices of the combinations that no other one beats in time of a batch and in inferences a second, fastest first.
std::vector<std::size_t> front_of(const std::vector<PlannedRun>& runs);

}  // namespace flopmeter::report
