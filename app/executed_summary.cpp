#include "app/executed_summary.h"

#include <fmt/format.h>

namespace flopmeter {

void ExecutedSummary::add(std::span<const ProblemLedger> ledgers) {
  for (const ProblemLedger& ledger : ledgers) {
    for (const Entry& entry : ledger.entries) {
      if (entry.account) {
        add(*entry.account);
      }
    }
  }
}

void ExecutedSummary::add(const Account& account) {
  retired_.add(account);
  if (!account.executed.counted()) {
    ++uncounted_[account.executed.problem];
    return;
  }
  const Case& subject = account.subject;
  Tally& mine = tallies_[fmt::format("{} {}", subject.backend, to_string(subject.dtype))];
  ++mine.counted;
  if (account.explanation->exact()) {
    ++mine.exact;
  } else {
    unexplained_.push_back(fmt::format("{}: {}", subject.name(), to_string(*account.explanation)));
  }
}

std::string ExecutedSummary::text() const {
  std::string text;
  for (const auto& [what, cases] : tallies_) {
    text += fmt::format(
        "executed {:<16}{:>7} cases counted,{:>7} explained exactly by named "
        "factors ({:.1f} %)\n",
        what, cases.counted, cases.exact,
        100 * static_cast<double>(cases.exact) / static_cast<double>(cases.counted));
  }
  for (const auto& [reason, number] : uncounted_) {
    text += fmt::format("executed: {} cases unavailable: {}\n", number, reason);
  }
  for (const std::string& line : unexplained_) {
    text += "not explained: " + line + "\n";
  }
  return text + retired_.text();
}

}  // namespace flopmeter
