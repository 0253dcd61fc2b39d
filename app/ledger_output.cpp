#include "app/ledger_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "app/executed.h"
#include "app/retired.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

bool counts_exact(const Entry& entry) { return entry.counted && *entry.counted == *entry.stated; }

/// Adds what the ledgers say to the row: of several disagreements the first is told.
void add_to(FormulaRow& row, std::span<const ProblemLedger> ledgers) {
  for (const ProblemLedger& ledger : ledgers) {
    std::int64_t failed = ledger.disagreements.empty() ? 0 : 1;
    std::string first = ledger.disagreements.empty() ? ""
                                                     : fmt::format("{}: {}", ledger.problem.shape(),
                                                                   ledger.disagreements[0]);
    for (const Entry& entry : ledger.entries) {
      failed += entry.failed() ? 1 : 0;
      if (entry.failed() && first.empty()) {
        first = fmt::format("{}: {}", entry.subject.name(), entry.disagreements[0]);
      }
    }
    const auto cases = static_cast<std::int64_t>(ledger.entries.size()) + 1;  // and the formula
    row.cases = row.cases.value_or(0) + cases;
    row.agree = row.agree.value_or(0) + cases - failed;
    if (row.counterexample.empty()) {
      row.counterexample = first;
    }
  }
  row.verdict = row.cases == row.agree ? "exact" : "refuted";
}

std::string counts_verdict(const Entry& entry) {
  if (!entry.counted) {
    return "not counted";
  }
  return counts_exact(entry) ? "exact" : "DIFFERS";
}

std::string output_verdict(const Entry& entry) {
  if (!entry.agreement) {
    return "unavailable: " + entry.unavailable;
  }
  return fmt::format("{} (error {:.1e}, allowed {:.1e})",
                     entry.agreement->passed ? "agrees" : "DISAGREES", entry.agreement->max_error,
                     entry.agreement->tolerance);
}

nlohmann::json to_json(const Entry& entry) {
  nlohmann::json json{{"case", entry.subject.name()},
                      {"label", entry.subject.problem.label},
                      {"counts", counts_verdict(entry)},
                      {"status", entry.failed()              ? "failed"
                                 : entry.unavailable.empty() ? "ok"
                                                             : "unavailable"},
                      {"reason", entry.unavailable},
                      {"disagreements", entry.disagreements}};
  if (entry.account) {
    json["executed"] = to_json(*entry.account);
    // Moves and branches depend on where memory lies, which is no property of a case: a ledger says the same each time.
    json["executed"].erase("instructions");
    json["executed"].erase("instructions_per_mac");
    json["retired"] = retired_json(*entry.account);
  }
  if (entry.agreement) {
    json["max_error"] = std::isfinite(entry.agreement->max_error)
                            ? nlohmann::json(entry.agreement->max_error)
                            : nlohmann::json(nullptr);
    json["tolerance"] = entry.agreement->tolerance;
  }
  return json;
}

const report::TextTable& tally_table() {
  static const report::TextTable table{.columns = {{"layer", false, 20},
                                                   {"pass", false, 16},
                                                   {"kind", false, 6},
                                                   {"shapes", true},
                                                   {"cases", true, 6},
                                                   {"counts exact", true},
                                                   {"agree", true, 6},
                                                   {"unavailable", true},
                                                   {"failed", true},
                                                   {"worst error", true}}};
  return table;
}

report::Cell number_of(std::size_t count) { return {std::to_string(count)}; }

}  // namespace

void LedgerTally::add(const ProblemLedger& ledger) {
  ++shapes;
  failed += ledger.disagreements.empty() ? 0 : 1;
  for (const Entry& entry : ledger.entries) {
    ++cases;
    exact += counts_exact(entry) ? 1 : 0;
    agree += entry.agreement && entry.agreement->passed ? 1 : 0;
    unavailable += entry.unavailable.empty() ? 0 : 1;
    failed += entry.failed() ? 1 : 0;
    if (entry.agreement && entry.agreement->tolerance > 0) {
      worst = std::max(worst, entry.agreement->max_error / entry.agreement->tolerance);
    }
  }
}

void LedgerTally::add(const LedgerTally& other) {
  shapes += other.shapes;
  cases += other.cases;
  exact += other.exact;
  agree += other.agree;
  unavailable += other.unavailable;
  failed += other.failed;
  worst = std::max(worst, other.worst);
}

void LedgerPrinter::heading() {
  if (!options_.json) {
    fmt::print(out_, "{}", report::heading_line(tally_table()));
  }
}

void LedgerPrinter::begin(std::string_view layer, Pass pass) {
  row_ = {.layer = std::string(layer), .pass = std::string(to_string(pass))};
}

void LedgerPrinter::end() const {
  if (options_.on_formula && row_.cases) {
    options_.on_formula(row_);
  }
}

void LedgerPrinter::ledgers(std::string_view layer, Pass pass, std::string_view what,
                            std::span<const ProblemLedger> ledgers) {
  LedgerTally sums;
  for (const ProblemLedger& ledger : ledgers) {
    sums.add(ledger);
    each(ledger);
  }
  total_.add(sums);
  add_to(row_, ledgers);
  executed_.add(ledgers);
  line(layer, to_string(pass), what, sums);
}

void LedgerPrinter::shrunk(const Problem& problem) {
  if (!options_.json) {
    fmt::print(out_, "  smallest shape that fails: {}\n", problem.shape());
  }
}

void LedgerPrinter::legend() {
  line("all", "", "", total_);
  if (!options_.json) {
    fmt::print(
        out_,
        "counts exact: formula, in bounds and dense, against the counted reference, and each "
        "algorithm against its stated count, kind by kind\n"
        "agree: output against the reference in double; worst error as a share of the "
        "tolerance\n"
        "random: shapes drawn for formulas and algorithms, in f32\n{}",
        executed_.text());
  }
}

void LedgerPrinter::line(std::string_view layer, std::string_view pass, std::string_view what,
                         const LedgerTally& sums) {
  if (!options_.json) {
    fmt::print(out_, "{}",
               report::row_line(tally_table(), {{std::string(layer)},
                                                {std::string(pass)},
                                                {std::string(what)},
                                                number_of(sums.shapes),
                                                number_of(sums.cases),
                                                number_of(sums.exact),
                                                number_of(sums.agree),
                                                number_of(sums.unavailable),
                                                number_of(sums.failed),
                                                {fmt::format("{:.1f} %", 100 * sums.worst)}}));
  }
}

void LedgerPrinter::each(const ProblemLedger& ledger) {
  for (const Entry& entry : ledger.entries) {
    if (options_.json) {
      fmt::print(out_, "{}\n", to_json(entry).dump());
    } else if (options_.every_case) {
      fmt::print(out_, "{}: counts {}, output {}{}\n", entry.subject.name(), counts_verdict(entry),
                 output_verdict(entry),
                 entry.account ? ", executed " + executed_line(*entry.account) : "");
    }
  }
  if (ledger.failed() && !options_.json) {
    failure(ledger);
  }
}

void LedgerPrinter::failure(const ProblemLedger& ledger) {
  const Problem& problem = ledger.problem;
  for (const std::string& line : ledger.disagreements) {
    fmt::print(out_, "FAILED {}/{}/{}: formula {}\n", problem.layer->name, to_string(ledger.pass),
               problem.shape(), line);
  }
  for (const Entry& entry : ledger.entries) {
    for (const std::string& line : entry.disagreements) {
      fmt::print(out_, "FAILED {}: {}\n", entry.subject.name(), line);
    }
  }
  fmt::print(out_, "  reproduce: flopmeter validate --random 0 --layer {} --pass {} --shape {}\n",
             problem.layer->name, to_string(ledger.pass), problem.shape());
}

}  // namespace flopmeter
