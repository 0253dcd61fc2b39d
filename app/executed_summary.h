// How many executed counts are explained exactly, and which are not.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "app/retired.h"
#include "validate/ledger/ledger.h"

namespace flopmeter {

class ExecutedSummary {
 public:
  void add(std::span<const ProblemLedger> ledgers);

  /// For each backend and dtype, how many cases were counted and explained; then a line for each
  /// case with a residue, and for each reason why there is no count; then what the CPU's own count
  /// says of it. Empty where nothing was added.
  std::string text() const;

 private:
  struct Tally {
    std::size_t counted = 0;
    std::size_t exact = 0;
  };

  void add(const Account& account);

  std::map<std::string, Tally> tallies_;  // by "onednn f32"
  RetiredSummary retired_;
  std::vector<std::string> unexplained_;          // a line each
  std::map<std::string, std::size_t> uncounted_;  // cases by reason
};

}  // namespace flopmeter
