// What the kernels of a network did, for `flopmeter model --counted` and `--executed`: each distinct case
// runs once and counts as often as it is used.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/count_report.h"
#include "models/totals.h"

namespace flopmeter {

struct CountedWanted {
  bool counted = false;   // on the counting scalar
  bool executed = false;  // machine code
  std::int64_t limit = 20'000'000'000;

  bool any() const { return counted || executed; }
};

/// A column a backend, of those that were asked for.
struct CountedCase {
  models::ModelCase subject;
  Formula formula;
  std::vector<CountColumn> counted = {};
  std::vector<Account> executed = {};
};

struct CountedNetwork {
  std::vector<CountedCase> cases;
  std::size_t not_understood = 0;  // nodes, which no case stands for
};

/// Throws CountOverflow. Cases of more MACs or bytes than `limit` are not run; they say so.
CountedNetwork count_network(const models::Model& model, Pass pass, const CountedWanted& wanted);

/// One line for each case where the reference does not bear out the formula, or where counting changed a
/// result.
std::vector<std::string> counted_disagreements(const CountedNetwork& network);

/// Sums by backend, and below what they lack.
std::string counted_text(const CountedNetwork& network);

/// {cases: [...], counted: {backend: {...}}, executed: {backend: {...}}, disagreements: [...]}.
nlohmann::json counted_json(const CountedNetwork& network);

}  // namespace flopmeter
