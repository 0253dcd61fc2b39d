// The appendix: what was measured on, and what that machine can do at best.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "results/report/row_table.h"

namespace flopmeter::report {
namespace {

TextTable environments_table(const ReportData& data) {
  TextTable table{
      .id = "environments", .caption = "Environments", .columns = {{"field"}}, .rows = {}};
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    table.columns.push_back({letter(i)});
  }
  const auto add = [&](const std::string& heading, auto text_of) {
    std::vector<Cell> row{text_cell(heading)};
    for (const MeasuredOn& measured : data.environments) {
      const std::string text = text_of(measured);
      row.push_back(text_cell(text.empty() ? "-" : text));
    }
    table.rows.push_back(std::move(row));
  };
  for (const EnvironmentField& field : environment_fields()) {
    add(row_heading(field.heading, field.unit == "byte" ? "bytes" : field.unit),
        [&](const MeasuredOn& measured) { return cell(measured.environment, field); });
  }
  add("fingerprint", [](const MeasuredOn& measured) { return measured.fingerprint; });
  add("files", [](const MeasuredOn& measured) {
    constexpr std::size_t named = 12;
    const std::size_t shown = std::min(measured.files.size(), named);
    return fmt::format("{}{}", fmt::join(std::span(measured.files).first(shown), ", "),
                       shown < measured.files.size()
                           ? fmt::format(" and {} more", measured.files.size() - shown)
                           : "");
  });
  return table;
}

template <class Row>
void add_rows(Section& section, const std::string& name, const std::string& caption,
              const std::vector<Row>& rows) {
  if (!rows.empty()) {
    section.tables.push_back(row_table<Row>(name + ": " + caption, rows));
  }
}

void add_machine(Section& section, const std::string& name, const Machine& machine) {
  add_rows(section, name, "the machine", std::vector<Machine>{machine});
  add_rows(section, name, "clock under load", machine.clock);
  add_rows(section, name, "caches, as one core sees them", machine.caches);
  add_rows(section, name, "instruction throughput (an FMA lane is two operations)",
           machine.throughput);
  add_rows(section, name, "bandwidth, bytes that the program asks for", machine.bandwidth);
  add_rows(section, name, "latency of dependent loads", machine.latency);
  add_rows(section, name, "ridges: intensity at which memory and arithmetic take equally long",
           machine.ridges);
}

}  // namespace

Section machine_section(const ReportData& data) {
  Section section{.id = "machine",
                  .title = "Appendix: the machine",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  if (data.environments.empty()) {
    section.paragraphs.emplace_back("The files name no environment.");
    return section;
  }
  section.paragraphs.push_back(fmt::format(
      "{} in {}. Rows of different environments are not comparable; each is called by its letter.",
      plural(data.environments.size(), "environment"), plural(data.files.size(), "file")));
  section.tables.push_back(environments_table(data));
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    const std::optional<Machine>& machine = data.environments[i].machine;
    if (machine) {
      add_machine(section, letter(i), *machine);
    } else {
      section.paragraphs.push_back(fmt::format(
          "The files hold no machine line for environment {}, so its clock, caches and bandwidths "
          "are not known here, and its roofs are medians of what was measured beside the samples. "
          "flopmeter machine measures them; give the file with its machine line to the report, "
          "too.",
          letter(i)));
    }
  }
  return section;
}

}  // namespace flopmeter::report
