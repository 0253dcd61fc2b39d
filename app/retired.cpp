#include "app/retired.h"

#include <fmt/format.h>

#include "app/counts_json.h"

namespace flopmeter {
namespace {

using retired::CaseVerdict;

constexpr std::string_view absent = "unavailable: ";

/// Nothing is retired that was not executed first: what is compared is missing.
const std::string& absence_of(const Account& account) {
  const Executed& executed = account.executed;
  return executed.counted() ? executed.retired.flops.reason : executed.problem;
}

CaseVerdict verdict_of(const Account& account) {
  return account.executed.counted() ? account.executed.retired.verdict() : CaseVerdict::unavailable;
}

nlohmann::json events_json(const retired::CaseComparison& comparison) {
  nlohmann::json events = nlohmann::json::object();
  for (const retired::EventComparison& event : comparison.events) {
    events[event.counted.name] = {{"count", event.counted.count},
                                  {"expected_from_executed", json_or_null(event.expected)}};
  }
  return events;
}

std::string absences_text(const std::set<std::string>& reasons, std::string_view indent = "") {
  std::string text;
  for (const std::string& reason : reasons) {
    text += fmt::format("{}retired: {}{}\n", indent, absent, reason);
  }
  return text;
}

}  // namespace

nlohmann::json retired_json(const Account& account) {
  const CaseVerdict verdict = verdict_of(account);
  const retired::CaseComparison& comparison = account.executed.retired;
  const bool counted = verdict != CaseVerdict::unavailable;
  return {
      {"status", to_string(verdict)},
      {"reason", verdict == CaseVerdict::deviates ? to_string(comparison) : absence_of(account)},
      {"rule", comparison.rule},
      {"flops", counted ? nlohmann::json(comparison.flops.count) : nlohmann::json(nullptr)},
      {"expected_from_executed", json_or_null(comparison.expected)},
      {"events", events_json(comparison)}};
}

std::string retired_text(std::span<const Account> accounts) {
  std::string text;
  std::string_view rule;
  std::set<std::string> absences;
  for (const Account& account : accounts) {
    const retired::CaseComparison& comparison = account.executed.retired;
    if (!account.executed.counted()) {
      continue;  // said with the executed counts
    }
    if (comparison.verdict() == CaseVerdict::unavailable) {
      absences.insert(comparison.flops.reason);
      continue;
    }
    text += fmt::format("  {:<10} retired {}\n", account.subject.backend, to_string(comparison));
    rule = comparison.rule;
  }
  if (!rule.empty()) {
    text +=
        fmt::format("  retired    the CPU's own count of a native call, by its rule: {}\n", rule);
  }
  return text + absences_text(absences, "  ");
}

void set_retired(Record& record, const Account& account) {
  const retired::CaseComparison& comparison = account.executed.retired;
  if (verdict_of(account) == CaseVerdict::unavailable) {
    record.retired = std::string(absent) + absence_of(account);
    return;
  }
  record.retired = to_string(comparison);
  record.retired_flops = comparison.flops.count;
  record.retired_expected = comparison.expected;
}

std::string retired_absence(std::span<const Record> records) {
  std::set<std::string> reasons;
  for (const Record& record : records) {
    // What was not executed has been said in its row.
    if (record.retired.starts_with(absent) && record.executed_instructions) {
      reasons.insert(record.retired.substr(absent.size()));
    }
  }
  return absences_text(reasons);
}

void RetiredSummary::add(const Account& account) {
  if (!account.executed.counted()) {
    return;
  }
  const retired::CaseComparison& comparison = account.executed.retired;
  const CaseVerdict verdict = comparison.verdict();
  if (verdict == CaseVerdict::unavailable) {
    absences_.insert(comparison.flops.reason);
    return;
  }
  ++cases_[verdict];
  if (verdict == CaseVerdict::deviates) {
    deviations_.push_back(fmt::format("{}: {}", account.subject.name(), to_string(comparison)));
  }
}

std::string RetiredSummary::text() const {
  std::string text;
  for (const auto& [verdict, cases] : cases_) {
    text += fmt::format("retired {:<17}{:>7} cases, counted by the CPU, against executed\n",
                        to_string(verdict), cases);
  }
  for (const std::string& line : deviations_) {
    text += "retired deviates: " + line + "\n";
  }
  return text + absences_text(absences_);
}

}  // namespace flopmeter
