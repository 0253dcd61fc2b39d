#include "results/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flopmeter {
namespace {

constexpr std::array<RowField<FormulaRow>, 6> formula_table{{
    {"layer", "", "layer", &FormulaRow::layer},
    {"pass", "", "pass", &FormulaRow::pass},
    {"cases", "", "cases", &FormulaRow::cases},
    {"agree", "", "agree", &FormulaRow::agree},
    {"verdict", "", "verdict", &FormulaRow::verdict},
    {"counterexample", "", "counterexample", &FormulaRow::counterexample},
}};

constexpr std::array<RowField<ClaimRow>, 7> claim_table{{
    {"id", "", "claim", &ClaimRow::id},
    {"guide", "", "guide", &ClaimRow::guide},
    {"statement", "", "statement", &ClaimRow::statement},
    {"formula", "", "", &ClaimRow::formula},
    {"numbers", "", "", &ClaimRow::numbers},
    {"verdict", "", "verdict", &ClaimRow::verdict},
    {"evidence", "", "evidence", &ClaimRow::evidence},
}};

/// "12 exact, 3 refuted": how many rows have each of the words.
template <std::size_t count>
std::string tally(std::span<const ClaimRow> rows, std::string ClaimRow::*of,
                  const std::array<std::string_view, count>& words) {
  std::string text;
  for (const std::string_view word : words) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", std::ranges::count(rows, word, of), word);
  }
  return text;
}

/// Written before the words were kept apart.
bool unsorted(const ClaimRow& row) {
  return row.formula.empty() && row.numbers.empty() && row.verdict != "definition" &&
         !row.verdict.starts_with("not measured");
}

}  // namespace

std::string claim_summary(std::span<const ClaimRow> rows) {
  constexpr std::array<std::string_view, 4> held{"exact", "exact under conditions", "approximate",
                                                 "refuted"};
  constexpr std::array<std::string_view, 2> printed{"match", "misprinted"};
  const auto older = std::ranges::count_if(rows, unsorted);
  return fmt::format("{} claim{}. Formulas: {}. Claims with worked numbers: {}.{}", rows.size(),
                     rows.size() == 1 ? "" : "s", tally(rows, &ClaimRow::formula, held),
                     tally(rows, &ClaimRow::numbers, printed),
                     older == 0 ? ""
                                : fmt::format(" {} of an older version's file are not counted "
                                              "here; their verdicts stand in the table.",
                                              older));
}

template <>
std::span<const RowField<FormulaRow>> row_fields() {
  return formula_table;
}
template <>
std::span<const RowField<ClaimRow>> row_fields() {
  return claim_table;
}

}  // namespace flopmeter
