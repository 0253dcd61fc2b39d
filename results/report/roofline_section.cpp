// The roofline.
#include "results/report/roofline.h"
#include "results/report/section.h"

namespace flopmeter::report {

Section roofline_section(const ReportData& data) {
  Section section{
      .id = "roofline", .title = "Roofline", .paragraphs = {}, .chart = "", .tables = {}};
  const std::vector<Roofline> diagrams = rooflines(data);
  if (diagrams.empty()) {
    section.paragraphs.emplace_back("No row has a rate and an intensity, and no roof is known.");
    return section;
  }
  section.chart = "roofline";
  section.paragraphs.emplace_back(
      "Attainable GFLOPS are the smaller one of the peak and intensity x bandwidth. Intensity is "
      "operations over compulsory traffic, every operand read or written once; a case whose "
      "operands stay in a cache lies below the roof of that cache. Solid lines are one core, "
      "dashed "
      "lines all cores.");
  TextTable table{.id = "roofs",
                  .caption = "Roofs",
                  .columns = {{"environment"},
                              {"kind"},
                              {"of"},
                              {"cores", true},
                              {"value", true},
                              {"unit"},
                              {"measured"}},
                  .rows = {}};
  for (const Roofline& diagram : diagrams) {
    for (const Roof& roof : diagram.roofs) {
      table.rows.push_back(
          {text_cell(letter(diagram.environment)), text_cell(roof.bandwidth ? "bandwidth" : "peak"),
           text_cell(roof.label), count_cell(roof.cores), number_cell(roof.value),
           text_cell(roof.bandwidth ? "GB/s" : "GFLOPS"), text_cell(roof.meaning)});
    }
  }
  if (!table.rows.empty()) {
    section.tables.push_back(std::move(table));
  }
  return section;
}

}  // namespace flopmeter::report
