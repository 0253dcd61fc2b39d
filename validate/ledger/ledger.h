// The ledger: for every case, formula against counted, kind by kind, and output against the truth.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/agreement.h"
#include "kernels/case.h"
#include "validate/executed/account.h"

namespace flopmeter {

/// One case's line. `counted` and `stated` are empty where the backend's code cannot be
/// instantiated on the counting scalar (a binary library) or the dtype does not change the count.
struct Entry {
  Case subject;
  std::optional<OpCounts> stated;
  std::optional<OpCounts> counted;
  std::optional<Agreement> agreement;
  std::optional<Account> account;          // what it executed, where that was asked for
  std::string unavailable;                 // why the case cannot run; empty when it ran
  std::vector<std::string> disagreements;  // one line each; empty when all is as it must be

  bool failed() const { return !disagreements.empty(); }
};

/// What the ledger says about one problem: the formula, the counts that prove it, a line a case.
struct ProblemLedger {
  Problem problem;
  Pass pass = Pass::forward;
  Formula formula;
  OpCounts counted_in_bounds;              // the reference on the shape
  OpCounts counted_dense;                  // the reference with the padding laid out as real zeros
  std::vector<std::string> disagreements;  // formula against counted
  std::vector<Entry> entries;

  bool failed() const;
};

/// How far to look: at the algorithms, or at the machine code of every case as well.
enum class Depth { counted, executed };

/// Examines one problem on every backend and dtype. What a backend throws, and what it died of before
/// `crashes::come_back_here`, is a disagreement of its case. The reference runs once, on Counted<double>:
/// what is counted is the very run that the outputs are held against. Throws CountOverflow.
ProblemLedger examine(const Problem& problem, Pass pass, std::span<const Dtype> dtypes,
                      Depth depth = Depth::counted);

/// Examines many problems on `workers` threads; `done` is called in the calling order of
/// completion, never by two threads at a time. The result is in the order of the problems.
std::vector<ProblemLedger> examine_all(std::span<const Problem> problems, Pass pass,
                                       std::span<const Dtype> dtypes, Depth depth, int workers,
                                       const std::function<void(const ProblemLedger&)>& done);

/// "multiplies: 7 stated, 8 counted" for each kind that differs.
std::vector<std::string> differences(std::string_view what, const OpCounts& stated,
                                     const OpCounts& counted);

}  // namespace flopmeter
