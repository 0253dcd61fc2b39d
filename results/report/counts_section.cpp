// Formula, counted and executed operations of every case.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "results/cell.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

/// One row a case: counts depend neither on threads nor on caches. Of several, one that was counted
/// is preferred.
std::vector<const ReportRow*> one_a_case(const ReportData& data) {
  std::map<std::tuple<std::size_t, std::string>, std::size_t> places;
  std::vector<const ReportRow*> rows;
  for (const ReportRow& row : data.rows) {
    const auto [place, is_new] =
        places.emplace(std::tuple(row.environment, row.record.name), rows.size());
    if (is_new) {
      rows.push_back(&row);
    } else if (rows[place->second]->record.executed.empty()) {
      rows[place->second] = &row;
    }
  }
  std::erase_if(rows, [](const ReportRow* row) { return !row->record.flops; });
  return rows;
}

/// Layers without MACs are counted in operations, as `exact` counts them.
bool in_macs(const Record& r) { return r.macs_dense.value_or(0) > 0; }

std::string unexplained_text(const Record& r) {
  if (!r.executed_unexplained) {
    return "-";
  }
  return *r.executed_unexplained == 0 ? "0"
                                      : fmt::format("! {} {}", grouped(*r.executed_unexplained),
                                                    in_macs(r) ? "MAC" : "operations");
}

std::vector<Cell> counts_row(const ReportRow& row) {
  const Record& r = row.record;
  const bool macs = in_macs(r);
  const std::optional<std::int64_t> dense = macs ? r.macs_dense : std::nullopt;
  return {
      text_cell(letter(row.environment)),
      text_cell(r.name),
      text_cell(r.label),
      text_cell(macs ? "MAC" : "FLOP (exact)"),
      count_cell(dense),
      count_cell(macs ? r.macs_in_bounds : r.flops),
      count_cell(macs ? r.executed_macs : r.executed_flops),
      count_cell(macs ? r.executed_macs_full : r.executed_flops_full),
      number_cell(r.executed_ratio, 5),
      {.text = unexplained_text(r),
       .value = r.executed_unexplained ? std::optional(static_cast<double>(*r.executed_unexplained))
                                       : std::nullopt},
      percent_cell(r.lane_use),
      percent_cell(r.fma_share),
      text_cell(r.executed.empty() ? "not counted: bench --executed counts it" : r.executed)};
}

std::size_t unexplained_in(const std::vector<const ReportRow*>& rows) {
  return static_cast<std::size_t>(std::ranges::count_if(rows, [](const ReportRow* row) {
    return row->record.executed_unexplained.value_or(0) != 0;
  }));
}

}  // namespace

Section counts_section(const ReportData& data) {
  Section section{.id = "counts",
                  .title = "Operations: formula against executed",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  const std::vector<const ReportRow*> rows = one_a_case(data);
  if (rows.empty()) {
    section.paragraphs.emplace_back("No row has a count.");
    return section;
  }
  section.paragraphs.push_back(fmt::format(
      "Formula, dense: every tap of the padding; in-bounds: those that touch real input. Executed: "
      "what the machine code of one call did, in the lanes that masks let through (active) and in "
      "whole registers (full); its ratio is active over dense, with the factors that explain it. "
      "A residue that no named factor explains is marked with \"!\": {} of {} have one. What the "
      "reference and Eigen do when they are counted is not stored by case; in how many cases it "
      "equals the formula is in the section before.",
      unexplained_in(rows), plural(rows.size(), "case")));
  TextTable table{.id = "case-counts",
                  .caption = "Counts of one call",
                  .columns = {{"environment"},
                              {"case"},
                              {"label"},
                              {"unit"},
                              {"formula, dense", true},
                              {"formula, in-bounds", true},
                              {"executed, active", true},
                              {"executed, full", true},
                              {"ratio", true},
                              {"unexplained", true},
                              {"lane use", true},
                              {"FMA share", true},
                              {"ratio = factors"}},
                  .rows = {}};
  for (const ReportRow* row : rows) {
    table.rows.push_back(counts_row(*row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace flopmeter::report
