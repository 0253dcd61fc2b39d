// For tests: all pairs of results in memory.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/compare/comparison.h"

namespace flopmeter::compare {

struct Paired {
  std::vector<Pair> pairs;
  std::vector<std::pair<Row, std::string>> unpaired;
};

inline Paired paired_rows(const StoredResults& a, const StoredResults& b,
                          const std::optional<By>& by = {}) {
  Paired all;
  HeldRows from(a);
  HeldRows to(b);
  pair_rows(
      from, to, by, [&](const Pair& pair) { all.pairs.push_back(pair); },
      [&](const Row& row, std::string reason) {
        all.unpaired.emplace_back(row, std::move(reason));
      });
  return all;
}

inline Comparison compared_rows(const StoredResults& a, const StoredResults& b,
                                const Settings& settings = {}, const std::optional<By>& by = {}) {
  std::vector<PairedCase> cases;
  for (const Pair& pair : paired_rows(a, b, by).pairs) {
    cases.push_back(looked_at(pair, settings));
  }
  return judge(std::move(cases), settings);
}

}  // namespace flopmeter::compare
