#include "app/exec_output.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/counts_json.h"
#include "app/text.h"
#include "counters/convention.h"
#include "counters/executed/arithmetic/flops.h"
#include "counters/executed/arithmetic/fp_arith.h"
#include "counters/executed/arithmetic/names.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using executed::Arithmetic;
using executed::Cell;
using executed::Lanes;

constexpr double a_billion = 1e9;

std::string name_of(const ExecSpot& spot) {
  if (spot.module.empty()) {
    return fmt::format("generated code, {} bytes at {:#x}",
                       grouped(static_cast<std::int64_t>(spot.bytes)), spot.address);
  }
  return spot.symbol.empty() ? "(functions without a name)" : demangled(spot.symbol);
}

std::string module_name(const ExecSpot& spot) {
  return spot.module.empty() ? "(generated code)" : spot.module;
}

double seconds_of(const ExecReport& report) {
  if (report.region.empty()) {
    return report.ended.seconds;
  }
  return report.regions.list.empty() ? 0 : report.regions.list.front().seconds;
}

/// Totals are too large for a stack, whose pages are made one by one.
OpCounts floating_counts(const executed::Totals& totals) {
  const std::unique_ptr<const executed::Totals> floating(
      new executed::Totals(floating_totals(totals)));
  return op_counts(*floating, Lanes::active);
}

/// The numbers that both outputs begin with.
struct Figures {
  explicit Figures(const ExecReport& report)
      : active(op_counts(report.totals, Lanes::active)),
        full(op_counts(report.totals, Lanes::full)),
        floating(floating_counts(report.totals)),
        flops_active(exact_flops(report.totals, Lanes::active)),
        flops_full(exact_flops(report.totals, Lanes::full)),
        seconds(seconds_of(report)),
        gflops(seconds > 0 ? static_cast<double>(flops_active) / a_billion / seconds : 0) {
    for (const ExecProcess& process : report.processes) {
      threads += process.threads;
    }
  }

  OpCounts active, full, floating;
  std::int64_t flops_active, flops_full;
  double seconds;  // of all, or in the region
  double gflops;   // FLOPs (exact) of active lanes, over these
  std::int64_t threads = 0;
};

std::string command_line(const ExecReport& report) {
  std::string line;
  for (const std::string& word : report.command) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

std::string headline(const ExecReport& report, const Figures& figures) {
  const auto share = executed::fma_share(figures.floating);
  report::TextTable table{.columns = {{""}, {"active lanes", true}, {"full registers", true}}};
  table.rows = {
      {{"FLOPs (exact)"},
       report::count_cell(figures.flops_active),
       report::count_cell(figures.flops_full)},
      {{"MACs"}, report::count_cell(figures.active.macs), report::count_cell(figures.full.macs)},
      {{"instructions"}, report::count_cell(report.totals.instructions), {}},
      {{"FMA share"}, {share ? fmt::format("{:.1f} %", 100 * *share) : "no multiply"}, {}},
      {{"GFLOPS (exact)"}, {fmt::format("{:.3f}", figures.gflops)}, {}},
      {{"s, under the counter"}, {fmt::format("{:.6f}", figures.seconds)}, {}}};
  return report::to_text(table, 2) + fmt::format("  exact: {}\n", find_convention("exact").rule);
}

std::string operations_text(const executed::Totals& totals) {
  report::TextTable table{.columns = {{"operation, type, lanes"},
                                      {"instructions", true},
                                      {"active lanes", true},
                                      {"full registers", true}}};
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    table.rows.push_back({{executed::to_string(what)},
                          report::count_cell(cell.instructions),
                          report::count_cell(cell.active),
                          report::count_cell(cell.full)});
  });
  return "\n" + report::to_text(table, 2);
}

std::string fp_arith_text(const executed::Totals& totals) {
  report::TextTable table{.columns = {{"what Intel's counters would have read"}, {"events", true}}};
  for (const executed::FpArithEvent& event : executed::fp_arith_events()) {
    if (const std::int64_t count = fp_arith_count(totals, event); count != 0) {
      table.rows.push_back({{std::string(event.name)}, report::count_cell(count)});
    }
  }
  return table.rows.empty() ? "" : "\n" + report::to_text(table, 2);
}

std::span<const ExecSpot> first_of(const std::vector<ExecSpot>& spots, std::size_t top) {
  return std::span(spots).first(std::min(top, spots.size()));
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100. * static_cast<double>(part) / static_cast<double>(whole);
}

std::string spots_text(const ExecReport& report, const Figures& figures, std::size_t top) {
  if (!report.region.empty()) {
    return "";
  }
  const auto cells = [&](const ExecSpot& spot, const std::string& name) {
    constexpr std::size_t widest = 70;
    return std::vector<report::Cell>{
        {fmt::format("{:.1f}", percent(spot.flops, figures.flops_active))},
        {fmt::format("{:.1f}", percent(spot.instructions, report.totals.instructions))},
        {name.substr(0, widest)}};
  };
  report::TextTable modules{
      .columns = {{"% of FLOPs (exact)", true}, {"% of instructions", true}, {"module"}}};
  for (const ExecSpot& spot : first_of(report.modules, top)) {
    modules.rows.push_back(cells(spot, module_name(spot)));
  }
  report::TextTable functions{
      .columns = {modules.columns[0], modules.columns[1], {"module and function"}}};
  for (const ExecSpot& spot : first_of(report.spots, top)) {
    functions.rows.push_back(cells(spot, fmt::format("{}  {}", module_name(spot), name_of(spot))));
  }
  return "\n" + report::to_text(modules, 2) + "\n" + report::to_text(functions, 2);
}

nlohmann::json fp_arith_json(const executed::Totals& totals) {
  nlohmann::json json = nlohmann::json::object();
  for (const executed::FpArithEvent& event : executed::fp_arith_events()) {
    json[std::string(event.name)] = fp_arith_count(totals, event);
  }
  return json;
}

nlohmann::json spot_json(const ExecSpot& spot) {
  return {{"module", spot.module},
          {"instructions", spot.instructions},
          {"flops_exact", spot.flops},
          {"macs", spot.macs}};
}

nlohmann::json modules_json(const ExecReport& report, std::size_t top) {
  nlohmann::json list = nlohmann::json::array();
  for (const ExecSpot& spot : first_of(report.modules, top)) {
    list.push_back(spot_json(spot));
  }
  return list;
}

nlohmann::json spots_json(const ExecReport& report, std::size_t top) {
  nlohmann::json list = nlohmann::json::array();
  for (const ExecSpot& spot : first_of(report.spots, top)) {
    nlohmann::json json = spot_json(spot);
    json["symbol"] = spot.symbol;
    json["name"] = name_of(spot);
    json["address"] = spot.address;
    json["bytes"] = spot.bytes;
    list.push_back(json);
  }
  return list;
}

nlohmann::json processes_json(const ExecReport& report) {
  nlohmann::json list = nlohmann::json::array();
  for (const ExecProcess& process : report.processes) {
    list.push_back({{"process", process.number},
                    {"program", process.program},
                    {"counted", process.counted()},
                    {"seconds", process.seconds},
                    {"threads", process.threads}});
  }
  return list;
}

}  // namespace

std::string to_text(const ExecReport& report, std::size_t top) {
  std::string text = fmt::format("\nflopmeter exec: {}\n", command_line(report));
  const Figures figures(report);
  if (report.counted()) {
    text += fmt::format("  {}, {:.3f} s wall-clock; counted: {} programs, {} threads\n\n",
                        ending(report.ended), report.ended.seconds, report.processes.size(),
                        figures.threads);
    if (!report.region.empty()) {
      text += fmt::format("  region '{}' alone:\n\n", report.region);
    }
    text += headline(report, figures) + operations_text(report.totals) +
            fp_arith_text(report.totals) + spots_text(report, figures, top);
  } else {
    text += fmt::format("  {}, nothing was counted{}\n", ending(report.ended),
                        report.processes.empty()
                            ? ": the program did not load the counter (another C library, or "
                              "rights that forbid it)"
                            : "");
  }
  text += to_text(report.regions);
  for (const std::string& remark : report.remarks) {
    text += fmt::format("{}  {}\n", &remark == &report.remarks.front() ? "\n" : "", remark);
  }
  return text;
}

nlohmann::json to_json(const ExecReport& report, std::size_t top) {
  const Figures figures(report);
  const auto share = executed::fma_share(figures.floating);
  const int status = report.ended.status;
  nlohmann::json json{
      {"command", report.command},
      {"counted", report.counted()},
      {"exit_code", nullptr},
      {"signal", nullptr},
      {"region", report.region.empty() ? nlohmann::json() : nlohmann::json(report.region)},
      {"seconds", figures.seconds},
      {"instructions", report.totals.instructions},
      {"flops_exact", {{"active", figures.flops_active}, {"full", figures.flops_full}}},
      {"gflops_exact", figures.gflops},
      {"fma_share", json_or_null(share)},
      {"active", counts_json(figures.active)},
      {"full", counts_json(figures.full)},
      {"operations", operations_json(report.totals)},
      {"fp_arith_inst_retired", fp_arith_json(report.totals)},
      {"fp_arith_flops", fp_arith_flops(report.totals)},
      {"modules", modules_json(report, top)},
      {"hot_spots", spots_json(report, top)},
      {"regions", to_json(report.regions)},
      {"processes", processes_json(report)},
      {"threads", figures.threads},
      {"remarks", report.remarks}};
  if (WIFEXITED(status)) {
    json["exit_code"] = WEXITSTATUS(status);
  } else {
    json["signal"] = WTERMSIG(status);
  }
  return json;
}

}  // namespace flopmeter
