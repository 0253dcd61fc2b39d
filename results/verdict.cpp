#include "results/verdict.h"

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

constexpr std::array<RowField<ClaimRow>, 5> claim_table{{
    {"id", "", "claim", &ClaimRow::id},
    {"guide", "", "guide", &ClaimRow::guide},
    {"statement", "", "statement", &ClaimRow::statement},
    {"verdict", "", "verdict", &ClaimRow::verdict},
    {"evidence", "", "evidence", &ClaimRow::evidence},
}};

}  // namespace

template <>
std::span<const RowField<FormulaRow>> row_fields() {
  return formula_table;
}
template <>
std::span<const RowField<ClaimRow>> row_fields() {
  return claim_table;
}

}  // namespace flopmeter
