#include "app/isa_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/text.h"
#include "results/cell.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using Cells = std::vector<report::Cell>;

std::string text(const std::optional<std::int64_t>& count) { return count ? grouped(*count) : "-"; }

std::string text(const std::optional<double>& value) {
  return value ? significant(*value, 4) : "-";
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", 100 * *share) : "-";
}

/// FLOPS, or MACs where they are integers and no FLOPs, of the fastest sample.
std::string rate(const IsaRow& row) {
  const Record& record = row.record;
  const std::optional<double> median = record.gflops ? record.gflops : record.gmacs_per_second;
  return median ? significant(*median * *record.seconds / fastest(row), 4) : "-";
}

std::string_view rate_heading(const std::vector<IsaRow>& rows) {
  const bool integers = std::ranges::all_of(
      rows, [](const IsaRow& row) { return row.record.convention.starts_with("mac"); });
  return integers ? "GMAC/s" : "GFLOPS";
}

std::vector<report::Column> columns(const std::vector<IsaRow>& rows) {
  return {{"isa"},         {"implementation"},     {"multiplies", true},
          {"adds", true},  {"FMA", true},          {"dot", true},
          {"lanes", true}, {"instructions", true}, {"/MAC", true},
          {"time", true},  {"median", true},       {std::string(rate_heading(rows)), true},
          {"ratio", true}};
}

Cells cells(const IsaRow& row, const std::optional<double>& ratio) {
  const Record& record = row.record;
  if (!timed(row)) {
    return {{row.isa}, {fmt::format("{}: {}", record.status, record.reason)}};
  }
  return {{row.isa},
          {record.implementation},
          {text(row.count("active", "multiplies"))},
          {text(row.count("active", "adds"))},
          {percent(row.share("fma_share"))},
          {percent(row.share("dot_share"))},
          {percent(row.share("lane_use"))},
          {text(row.instructions())},
          {text(row.instructions_per_mac())},
          {scaled_time(fastest(row))},
          {scaled_time(*record.seconds)},
          {rate(row)},
          {fmt::format("{:.3f}", *ratio)}};
}

std::string noise(const IsaRow& row) {
  return row.record.status == "noisy" ? fmt::format("{}: noisy: {}\n", row.isa, row.record.reason)
                                      : "";
}

std::string remarks(const IsaRow& row) {
  const std::string reason = row.not_counted();
  const std::string changed = row.disagreement();
  return (reason.empty() ? "" : fmt::format("{}: not counted: {}\n", row.isa, reason)) +
         (changed.empty() ? "" : fmt::format("{}: RESULT CHANGED: {}\n", row.isa, changed));
}

}  // namespace

std::string isa_table(const std::vector<IsaRow>& rows) {
  const auto ratios = ratios_to_best(rows);
  report::TextTable table{.columns = columns(rows)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.rows.push_back(cells(rows[i], ratios[i]));
  }
  std::string all = report::to_text(table);
  for (const IsaRow& row : rows) {
    all += remarks(row) + noise(row);
  }
  return all;
}

std::string isa_legend() {
  return "multiplies, adds, instructions: executed in one call on one thread, in lanes that masks "
         "let through\n"
         "FMA, dot  share of the multiplies done in fused and in dot-product instructions; lanes: "
         "active of full\n"
         "/MAC      instructions over the MACs of the formula without padding\n"
         "GFLOPS    2 x MAC without taps in the padding (flop2), without MACs every multiply, add, "
         "divide and\n"
         "          square root (exact), 10^9 a second\n"
         "time      of one call in the fastest sample, and the median of all; GFLOPS and ratio "
         "are of the fastest:\n"
         "          what else runs on the machine can only slow the others down\n";
}

std::string isa_verdict(const std::vector<IsaRow>& rows) {
  const auto ratios = ratios_to_best(rows);
  const auto best = static_cast<std::size_t>(std::ranges::max_element(ratios) - ratios.begin());
  const auto first = static_cast<std::size_t>(std::ranges::find_if(rows, timed) - rows.begin());
  if (std::ranges::count_if(rows, timed) < 2) {
    return "";
  }
  std::string all = fmt::format("{} is {:.2f} times as fast as {}", rows[best].isa,
                                *ratios[best] / *ratios[first], rows[first].isa);
  const auto wide = rows[best].instructions();
  const auto narrow = rows[first].instructions();
  return all + (wide && narrow && *wide != 0
                    ? fmt::format(", which executes {:.2f} times its instructions\n",
                                  static_cast<double>(*narrow) / static_cast<double>(*wide))
                    : "\n");
}

}  // namespace flopmeter
