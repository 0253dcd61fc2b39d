// What more threads bring.
#include <fmt/format.h>

#include "results/cell.h"
#include "results/report/scaling.h"
#include "results/report/section.h"

namespace flopmeter::report {

Section scaling_section(const ReportData& data) {
  Section section{.id = "scaling",
                  .title = "Scaling with threads",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  const std::vector<ScalingStep> every = scaling_steps(data);
  const std::vector<ScalingStep> steps = drawn_steps(every);
  if (steps.empty()) {
    section.paragraphs.emplace_back(
        "No case was timed with several numbers of threads. flopmeter bench --threads=1,2 does.");
    return section;
  }
  section.chart = "scaling";
  section.paragraphs.emplace_back(
      "Speed-up is the time with the fewest threads over the time with more; efficiency is the "
      "speed-up over the ratio of the threads, 100 % at best. The same case, environment and state "
      "of the caches.");
  if (steps.size() < every.size()) {
    section.paragraphs.push_back(
        fmt::format("{} of {} steps are drawn and listed, evenly from the least to the largest "
                    "speed-up; the median of all is {} times.",
                    steps.size(), grouped(static_cast<std::int64_t>(every.size())),
                    significant(median_speedup(every), 3)));
  }
  TextTable table{.id = "speedups",
                  .caption = "Speed-up and efficiency",
                  .columns = {{"environment"},
                              {"case"},
                              {"label"},
                              {"cache"},
                              {"threads, from", true},
                              {"threads, to", true},
                              {"time, from", true},
                              {"time, to", true},
                              {"speed-up", true},
                              {"efficiency", true},
                              {"status"}},
                  .rows = {}};
  for (const ScalingStep& step : steps) {
    const BriefRow& base = data.all[step.base];
    const BriefRow& r = data.all[step.row];
    table.rows.push_back(
        {text_cell(letter(r.environment)), text_cell(full_name(r)), text_cell(r.label),
         text_cell(r.cache), count_cell(base.threads), count_cell(r.threads),
         time_cell(base.seconds), time_cell(r.seconds), number_cell(step.speedup, 3),
         percent_cell(100 * step.efficiency),
         text_cell(base.status == r.status ? r.status.str()
                                           : base.status.str() + ", " + r.status.str())});
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace flopmeter::report
