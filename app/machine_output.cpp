#include "app/machine_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/machine_throughput.h"
#include "results/cell.h"
#include "results/text_width.h"

namespace flopmeter {
namespace {

/// Bytes in the largest unit that leaves no fraction.
std::string size_text(std::int64_t bytes) {
  constexpr std::int64_t kibi = 1024;
  constexpr std::int64_t mebi = kibi * kibi;
  return bytes >= mebi && bytes % mebi == 0   ? fmt::format("{} MiB", bytes / mebi)
         : bytes >= kibi && bytes % kibi == 0 ? fmt::format("{} KiB", bytes / kibi)
                                              : fmt::format("{} B", bytes);
}

std::string value_text(const std::string& text, std::string_view) { return text; }
std::string value_text(const std::optional<std::int64_t>& value, std::string_view unit) {
  return !value ? "-" : unit == "byte" ? size_text(*value) : fmt::format("{}", *value);
}
std::string value_text(const std::optional<double>& value, std::string_view unit) {
  return !value             ? "-"
         : unit == "s"      ? scaled_time(*value)
         : unit == "byte/s" ? significant(*value / 1e9, 4)
                            : significant(*value, 4);
}

template <class Row>
std::string heading_of(const RowField<Row>& field) {
  return std::string(field.heading) + (field.unit == "byte/s" ? ", GB/s" : "");
}

/// A column for every field that a row fills, text to the left and numbers to the right.
template <class Row>
std::vector<std::string> column_of(const RowField<Row>& field, const std::vector<Row>& rows) {
  std::vector<std::string> cells;
  for (const Row& row : rows) {
    cells.push_back(
        std::visit([&](auto member) { return value_text(row.*member, field.unit); }, field.member));
  }
  const bool empty = std::ranges::all_of(
      cells, [](const std::string& cell) { return cell.empty() || cell == "-"; });
  if (empty) {
    return {};
  }
  cells.insert(cells.begin(), heading_of(field));
  std::size_t width = 0;
  for (const std::string& cell : cells) {
    width = std::max(width, display_width(cell));
  }
  const bool text = std::holds_alternative<std::string Row::*>(field.member);
  for (std::string& cell : cells) {
    cell = text ? pad_right(cell, width) : pad_left(cell, width);
  }
  return cells;
}

/// A title and a table of all fields; nothing where there are no rows.
template <class Row>
std::string list_text(std::string_view title, const std::vector<Row>& rows) {
  if (rows.empty()) {
    return "";
  }
  std::vector<std::string> lines(rows.size() + 1);
  for (const RowField<Row>& field : row_fields<Row>()) {
    const std::vector<std::string> cells = column_of(field, rows);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      lines[i] += (lines[i].empty() ? "" : "  ") + cells[i];
    }
  }
  std::string text = fmt::format("\n{}\n", title);
  for (const std::string& line : lines) {
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string identity(const Machine& machine, const Environment& environment) {
  std::string isa;
  for (const std::string& name : environment.isa) {
    isa += " " + name;
  }
  const auto count = [](const std::optional<std::int64_t>& value, std::string_view of) {
    return value ? fmt::format(", {} {}", *value, of) : "";
  };
  return fmt::format("{} ({}){}{}{}{}\n{}\n", environment.cpu, environment.cpu_id,
                     count(machine.cores, "logical cores"),
                     count(machine.physical_cores, "physical cores"),
                     count(machine.numa_nodes, "NUMA nodes"),
                     environment.hypervisor.empty() ? "" : ", under " + environment.hypervisor,
                     isa.empty() ? "" : isa.substr(1));
}

std::string ending(const Machine& machine) {
  return fmt::format("\nmeasured in {}{}\n", scaled_time(machine.seconds.value_or(0)),
                     machine.steal_percent
                         ? fmt::format("; the hypervisor gave {} % of the cores' time to others",
                                       significant(*machine.steal_percent, 2))
                         : "");
}

}  // namespace

std::string machine_text(const Machine& machine, const Environment& environment) {
  return identity(machine, environment) + list_text("Caches", machine.caches) +
         list_text("Clock, from dependent additions of one cycle each", machine.clock) +
         throughput_text(machine.throughput) +
         list_text("Bandwidth, 10^9 bytes a second", machine.bandwidth) +
         list_text("Latency of a load", machine.latency) +
         list_text("Ridge points: memory and arithmetic take equally long", machine.ridges) +
         ending(machine);
}

Json machine_json(const Machine& machine, const Environment& environment) {
  Json json{{"schema", schema_version}, {"environment", to_json(environment)}};
  json.update(to_json(machine));
  return json;
}

}  // namespace flopmeter
