// Achieved GFLOPS by layer type.
#include <fmt/format.h>

#include "results/report/layer_rate.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

std::optional<double> percent_of(double rate, std::optional<double> peak) {
  return peak && *peak > 0 ? std::optional(100 * rate / *peak) : std::nullopt;
}

std::vector<Cell> rate_row(const LayerRate& rate) {
  return {text_cell(letter(rate.environment)),
          text_cell(rate.layer),
          text_cell(rate.pass),
          text_cell(rate.backend),
          text_cell(rate.dtype),
          count_cell(rate.threads),
          text_cell(rate.cache),
          text_cell(rate.convention),
          count_cell(static_cast<std::int64_t>(rate.cases)),
          count_cell(static_cast<std::int64_t>(rate.unsteady)),
          number_cell(rate.gflops),
          number_cell(rate.slowest),
          number_cell(rate.fastest),
          number_cell(rate.peak),
          percent_cell(percent_of(rate.gflops, rate.peak))};
}

}  // namespace

Section rates_section(const ReportData& data) {
  Section section{.id = "rates",
                  .title = "Achieved GFLOPS by layer type",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  const std::vector<LayerRate> rates = layer_rates(data);
  if (rates.empty()) {
    section.paragraphs.emplace_back("No row has a rate.");
    return section;
  }
  section.chart = "bars";
  section.paragraphs.emplace_back(
      "Operations of all cases of a layer type over the sum of their median times, so that long "
      "cases weigh more; of several numbers of threads those with the most cases. The whisker is "
      "the same with the smallest and the largest sample of each "
      "case; the mark is the peak that was measured beside the samples. GFLOPS are 10^9 operations "
      "a second by the convention of the row: flop2 is 2 x MAC, exact every multiply, add, divide "
      "and square root once, in-bounds leaves taps in the padding out. Layers without operations "
      "(a maximum, a look-up) have no rate.");
  TextTable table{.id = "layer-rates",
                  .caption = "Rates by layer type",
                  .columns = {{"environment"},
                              {"layer"},
                              {"pass"},
                              {"backend"},
                              {"dtype"},
                              {"threads", true},
                              {"cache"},
                              {"convention"},
                              {"cases", true},
                              {"not steady", true},
                              {"GFLOPS", true},
                              {"slowest, GFLOPS", true},
                              {"fastest, GFLOPS", true},
                              {"peak, GFLOPS", true},
                              {"% of peak", true}},
                  .rows = {}};
  for (const LayerRate& rate : rates) {
    table.rows.push_back(rate_row(rate));
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace flopmeter::report
