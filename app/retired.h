// The CPU's own count beside the executed one, as `count`, `validate` and `bench` show it.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "results/record.h"
#include "validate/executed/account.h"

namespace flopmeter {

/// {status, reason, rule, flops, expected_from_executed, events: {name: {count,
/// expected_from_executed}}}; the status is agrees, deviates, not compared or unavailable.
nlohmann::json retired_json(const Account& account);

/// A line for each case that the CPU counted, and the rule by which it did; a line for each reason
/// why it did not, which are one where the machine has no events.
std::string retired_text(std::span<const Account> accounts);

/// Fills the fields `retired...` of a row.
void set_retired(Record& record, const Account& account);

/// "retired: unavailable: reason", once for each reason of these rows.
std::string retired_absence(std::span<const Record> records);

/// How many cases the CPU counted as they were executed, and which not.
class RetiredSummary {
 public:
  void add(const Account& account);

  /// A line for each verdict with its cases, for each case that deviates, and for each reason why
  /// there is no count. Empty where nothing was added.
  std::string text() const;

 private:
  std::map<retired::CaseVerdict, std::size_t> cases_;
  std::vector<std::string> deviations_;  // a line each
  std::set<std::string> absences_;       // reasons
};

}  // namespace flopmeter
