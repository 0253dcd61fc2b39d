// How `flopmeter model` writes a report: text, Markdown, CSV and JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "app/model.h"
#include "app/text.h"
#include "counters/convention.h"
#include "results/csv.h"

namespace flopmeter {
namespace {

std::string at_least(const ModelReport& report) { return report.totals.whole ? "" : "at least "; }

std::string weights_text(const models::Model& model) {
  std::vector<std::string> types;
  for (const models::WeightType& type : model.weights) {
    types.push_back(fmt::format("{} bytes of {}", grouped(type.bytes()), type.name));
  }
  return types.empty() ? "none stored" : fmt::format("{}", fmt::join(types, ", "));
}

std::string summary_line(std::string_view name, std::string_view value, std::string_view unit) {
  return fmt::format("  {:<22}{:>22}  {}\n", name, value, unit);
}

double intensity(const ModelReport& report) {
  const std::int64_t flops = find_convention("exact").reduce(report.totals.dense);
  return report.totals.bytes == 0
             ? 0
             : static_cast<double>(flops) / static_cast<double>(report.totals.bytes);
}

std::string summary_text(const ModelReport& report) {
  const models::Model& model = report.model;
  const models::Totals& t = report.totals;
  const std::string least = at_least(report);
  const auto exact = [](const OpCounts& c) { return find_convention("exact").reduce(c); };
  std::string text =
      fmt::format("{}\n{}; {} nodes, {} distinct cases, {}\n\n", model.path, model.format,
                  model.nodes.size(), models::distinct_cases(model).size(), report.pass);
  text += summary_line("parameters", grouped(model.parameters), weights_text(model));
  text += summary_line("MACs, dense", least + grouped(t.dense.macs), "every tap, padding included");
  text += summary_line("MACs, in bounds", least + grouped(t.in_bounds.macs),
                       "taps that touch real input");
  text += summary_line("FLOPs, dense", least + grouped(exact(t.dense)),
                       "exact: every multiply, add, divide and square root once");
  text += summary_line("FLOPs, in bounds", least + grouped(exact(t.in_bounds)), "the same");
  text += summary_line("activations", report::count_cell(report.activation_bytes()).text,
                       model.activation_remark.empty()
                           ? "bytes at their peak, by first and last use"
                           : fmt::format("bytes, {}", model.activation_remark));
  text += summary_line("intensity", fmt::format("{:.2f}", intensity(report)),
                       "FLOPs a byte, every operand of every layer once, f32, without copies");
  return text + "\n";
}

std::string remarks_text(const ModelReport& report) {
  std::string text;
  std::vector<const ModelRow*> missing;
  for (const ModelRow& row : report.rows) {
    if (!row.reason.empty()) {
      missing.push_back(&row);
    }
  }
  if (!missing.empty()) {
    text += fmt::format(
        "\n  {} not understood, so the totals are at least:\n",
        missing.size() == 1 ? "1 node is" : fmt::format("{} nodes are", missing.size()));
  }
  for (std::size_t i = 0; i < missing.size() && i < 20; ++i) {
    text += fmt::format("    {} ({}): {}\n", missing[i]->name, missing[i]->operation,
                        missing[i]->reason);
  }
  if (missing.size() > 20) {
    text += fmt::format("    and {} more: --json lists all\n", missing.size() - 20);
  }
  if (!report.model.patterns.empty()) {
    text += fmt::format("\n  Recognised (--as-is keeps the primitives): {}\n",
                        fmt::join(report.model.patterns, "; "));
  }
  for (const std::string& remark : report.model.remarks) {
    text += fmt::format("\n  {}\n", remark);
  }
  return text;
}

/// The end of a long name tells more than its beginning.
std::string shortened(std::string_view text, std::size_t width) {
  return text.size() <= width ? std::string(text)
                              : fmt::format("...{}", text.substr(text.size() - width + 3));
}

/// How much of names and of shapes is shown.
struct Widths {
  std::size_t name, shape;
};
constexpr Widths of_terminals{48, 56};
constexpr Widths unlimited{SIZE_MAX, SIZE_MAX};

report::TextTable rows_table(const ModelTable& table, const Widths& widths) {
  report::TextTable made{.columns = {{"node"},
                                     {"layer"},
                                     {"shape"},
                                     {"uses", true},
                                     {"MACs dense", true},
                                     {"MACs in bounds", true},
                                     {"parameters", true},
                                     {"remark"}}};
  for (std::size_t i = 0; i < table.shown; ++i) {
    const ModelRow& row = *table.rows[i];
    made.rows.push_back({{shortened(row.name, widths.name)},
                         {std::string(row.layer)},
                         {shortened(row.shape, widths.shape)},
                         {fmt::format("{}", row.uses)},
                         {grouped(row.dense().macs)},
                         {grouped(row.in_bounds().macs)},
                         {grouped(row.parameters())},
                         {std::string(row.reason)}});
  }
  return made;
}

std::string rows_text(const ModelTable& table) {
  std::string text = report::to_text(rows_table(table, of_terminals), 2);
  if (table.shown < table.rows.size()) {
    text += fmt::format("  and {} more rows: --top 0 shows all\n", table.rows.size() - table.shown);
  }
  if (table.hidden != 0) {
    text +=
        fmt::format("  without {} nodes that do no arithmetic: --all shows them\n", table.hidden);
  }
  return text;
}

}  // namespace

std::string model_text(const ModelReport& report, const ModelTable& table) {
  return summary_text(report) + rows_text(table) + remarks_text(report);
}

std::string model_markdown(const ModelReport& report, const ModelTable& table) {
  const std::string least = at_least(report);
  std::string text =
      fmt::format("{}: {} parameters, {}{} MACs dense, {}{} in bounds\n\n", report.model.path,
                  grouped(report.model.parameters), least, grouped(report.totals.dense.macs), least,
                  grouped(report.totals.in_bounds.macs));
  return text + report::to_markdown(rows_table(table, unlimited));
}

std::string model_csv(const ModelTable& table) {
  std::string text =
      "name,operation,path,layer,shape,output,uses,nodes,macs_dense,macs_in_bounds,flops_exact,"
      "parameters,bytes,reason\n";
  const auto quoted = [](std::string_view cell) { return csv_text(std::string(cell)); };
  for (std::size_t i = 0; i < table.shown; ++i) {
    const ModelRow& row = *table.rows[i];
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", quoted(row.name),
                    quoted(row.operation), quoted(row.path), quoted(row.layer), quoted(row.shape),
                    row.output, row.uses, row.nodes, row.dense().macs, row.in_bounds().macs,
                    row.exact(), row.parameters(), row.bytes(), quoted(row.reason));
  }
  return text;
}

report::TextTable sweep_table(const FreeDimensions& dims, bool csv) {
  report::TextTable table;
  for (const auto& [name, value] : dims) {
    table.columns.push_back({name, true});
  }
  for (const std::string_view heading :
       csv ? std::array{"parameters", "macs_dense", "macs_in_bounds", "flops_exact",
                        "activation_bytes"}
           : std::array{"parameters", "MACs dense", "MACs in bounds", "FLOPs exact",
                        "activation bytes"}) {
    table.columns.push_back({std::string(heading), true});
  }
  table.columns.push_back({csv ? "whole" : ""});
  return table;
}

std::vector<report::Cell> sweep_cells(const ModelReport& report, const FreeDimensions& dims,
                                      bool csv) {
  const models::Totals& t = report.totals;
  std::vector<report::Cell> cells;
  for (const auto& [name, value] : dims) {
    cells.push_back({fmt::format("{}", value)});
  }
  for (const std::int64_t value : {report.model.parameters, t.dense.macs, t.in_bounds.macs,
                                   find_convention("exact").reduce(t.dense)}) {
    cells.push_back({csv ? fmt::format("{}", value) : grouped(value)});
  }
  const auto activations = report.activation_bytes();
  cells.push_back(!csv          ? report::count_cell(activations)
                  : activations ? report::Cell{fmt::format("{}", *activations)}
                                : report::Cell{});
  cells.push_back({csv       ? fmt::format("{}", t.whole)
                   : t.whole ? ""
                             : "at least: not every node is understood"});
  return cells;
}

}  // namespace flopmeter
