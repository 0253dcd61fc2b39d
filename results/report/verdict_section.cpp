// Whether formulas are true, flopmeter's own and published ones.
#include <fmt/format.h>

#include "results/report/row_table.h"

namespace flopmeter::report {
namespace {

std::string formula_summary(const std::vector<FormulaRow>& rows) {
  std::int64_t cases = 0;
  std::int64_t agree = 0;
  for (const FormulaRow& row : rows) {
    cases += row.cases.value_or(0);
    agree += row.agree.value_or(0);
  }
  return fmt::format(
      "Formulas against counts, kind of operation by kind: {} of {} cases of {} agree exactly.",
      agree, cases, plural(rows.size(), "layer and pass", "layers and passes"));
}

}  // namespace

Section verdict_section(const ReportData& data) {
  Section section{.id = "verdicts",
                  .title = "Are the formulas true",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  if (data.formulas.empty() && data.claims.empty()) {
    section.paragraphs.emplace_back(
        "The files hold no verdicts. flopmeter validate holds every formula against counts, and "
        "flopmeter claims judges published guides.");
  }
  if (!data.formulas.empty()) {
    section.paragraphs.push_back(formula_summary(data.formulas));
    section.tables.push_back(
        row_table<FormulaRow>("Formulas against counts, by layer and pass", data.formulas));
    section.tables.back().id = "formulas";
  }
  if (!data.claims.empty()) {
    section.paragraphs.push_back("Published guides: " + claim_summary(data.claims));
    section.tables.push_back(row_table<ClaimRow>("What guides state, judged", data.claims));
    section.tables.back().id = "claims";
  }
  return section;
}

}  // namespace flopmeter::report
