// Does a smaller count mean a faster layer?
#include <fmt/format.h>

#include "results/cell.h"
#include "results/report/count_against_time.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

std::string group_text(const CountAgainstTime& group) {
  return fmt::format("{}: {} {} {}, {}", letter(group.environment), group.backend, group.dtype,
                     group.pass, group.setting);
}

std::string rho_text(std::optional<double> rho) { return rho ? fmt::format("{:.2f}", *rho) : "-"; }

Cell rho_cell(std::optional<double> rho) { return {.text = rho_text(rho), .value = rho}; }

std::string answer(const CountAgainstTime& group) {
  if (!group.all.rho) {
    return fmt::format("{}: too few cases ({}) for a rank correlation.", group_text(group),
                       group.all.cases);
  }
  return fmt::format(
      "{}: rho = {} over {}; in {} of {} pairs the smaller count was slower, in {} of them with "
      "every sample.",
      group_text(group), rho_text(group.all.rho), plural(group.all.cases, "case"),
      group.all.inverted, group.all.pairs, group.all.clearly);
}

TextTable order_table(const std::vector<CountAgainstTime>& groups) {
  TextTable table{
      .id = "orders",
      .caption = "Spearman's rank correlation of operations and time, and pairs of cases",
      .columns = {{"rows"},
                  {"cases", true},
                  {"rho", true},
                  {"pairs", true},
                  {"smaller count slower", true},
                  {"in every sample", true},
                  {"cases that are ok", true},
                  {"rho of these", true}},
      .rows = {}};
  for (const CountAgainstTime& group : groups) {
    table.rows.push_back(
        {text_cell(group_text(group)), count_cell(static_cast<std::int64_t>(group.all.cases)),
         rho_cell(group.all.rho), count_cell(group.all.pairs), count_cell(group.all.inverted),
         count_cell(group.all.clearly), count_cell(static_cast<std::int64_t>(group.steady.cases)),
         rho_cell(group.steady.rho)});
  }
  return table;
}

std::string case_text(const ReportData& data, std::size_t row) {
  const BriefRow& r = data.all[row];
  return fmt::format("{} {} ({} FLOP, {})", r.layer.str(), short_name(r), grouped(*r.flops),
                     scaled_time(*r.seconds));
}

TextTable worst_table(const ReportData& data, const std::vector<CountAgainstTime>& groups) {
  TextTable table{.id = "inversions",
                  .caption = "The worst inversions: fewer operations, yet slower",
                  .columns = {{"rows"},
                              {"fewer operations, slower"},
                              {"more operations, faster"},
                              {"times the operations", true},
                              {"times faster", true}},
                  .rows = {}};
  for (const CountAgainstTime& group : groups) {
    for (const Inversion& inversion : group.all.worst) {
      table.rows.push_back(
          {text_cell(group_text(group)), text_cell(case_text(data, inversion.fewer)),
           text_cell(case_text(data, inversion.more)), number_cell(inversion.count_ratio, 3),
           number_cell(inversion.time_ratio, 3)});
    }
  }
  return table;
}

}  // namespace

Section order_section(const ReportData& data) {
  Section section{.id = "order",
                  .title = "Does a smaller count mean a faster layer",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  const std::vector<CountAgainstTime> groups = counts_against_times(data);
  if (groups.empty()) {
    section.paragraphs.emplace_back("No row has both operations and a time.");
    return section;
  }
  section.chart = "scatter";
  section.paragraphs.emplace_back(
      "Spearman's rho is 1 where operations order the cases as their times do, 0 where they say "
      "nothing about it. Operations (FLOP) are those that the rates are about, by the convention "
      "of "
      "each row. All timed rows are taken; the last columns of the table take only those that are "
      "ok.");
  for (const CountAgainstTime& group : groups) {
    section.paragraphs.push_back(answer(group));
  }
  section.tables.push_back(order_table(groups));
  TextTable worst = worst_table(data, groups);
  if (!worst.rows.empty()) {
    section.tables.push_back(std::move(worst));
  }
  return section;
}

}  // namespace flopmeter::report
