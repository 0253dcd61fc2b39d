// What `flopmeter validate` prints of its ledgers: failures, a row a layer and pass, their sums.
#pragma once

#include <cstddef>
#include <cstdio>
#include <span>
#include <string_view>

#include "app/executed_summary.h"
#include "app/validate.h"

namespace flopmeter {

/// One line of the summary.
struct LedgerTally {
  std::size_t shapes = 0;
  std::size_t cases = 0;
  std::size_t exact = 0;  // counts as stated, kind by kind
  std::size_t agree = 0;  // outputs within the tolerance
  std::size_t unavailable = 0;
  std::size_t failed = 0;
  double worst = 0;  // largest error as a share of what was allowed

  void add(const ProblemLedger& ledger);
  void add(const LedgerTally& other);
};

/// Writes ledgers to one stream in the asked-for form, and remembers what failed.
class LedgerPrinter {
 public:
  /// `options` must outlive it.
  LedgerPrinter(const ValidateOptions& options, std::FILE* out) : options_(options), out_(out) {}

  void heading();

  /// What follows is of this layer and pass, until end(), which tells options.on_formula.
  void begin(std::string_view layer, Pass pass);
  void end() const;

  /// A row of the table, `what` the shapes are, and before it each case that fails or was asked
  /// for.
  void ledgers(std::string_view layer, Pass pass, std::string_view what,
               std::span<const ProblemLedger> ledgers);

  /// A failing random shape made small.
  void shrunk(const Problem& problem);

  /// The sums, what the table means, and what was executed.
  void legend();

  bool failed() const { return total_.failed != 0; }

 private:
  void line(std::string_view layer, std::string_view pass, std::string_view what,
            const LedgerTally& sums);
  void each(const ProblemLedger& ledger);
  void failure(const ProblemLedger& ledger);

  const ValidateOptions& options_;
  std::FILE* out_;
  ExecutedSummary executed_;
  FormulaRow row_;
  LedgerTally total_;
};

}  // namespace flopmeter
