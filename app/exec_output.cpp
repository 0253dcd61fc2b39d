#include "app/exec_output.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstring>
#include <optional>

#include "app/counts_json.h"
#include "app/text.h"
#include "counters/convention.h"
#include "counters/executed/arithmetic/flops.h"
#include "counters/executed/arithmetic/fp_arith.h"
#include "counters/executed/arithmetic/names.h"

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

/// The numbers that both outputs begin with.
struct Figures {
  explicit Figures(const ExecReport& report)
      : active(op_counts(report.totals, Lanes::active)),
        full(op_counts(report.totals, Lanes::full)),
        floating(op_counts(floating_totals(report.totals), Lanes::active)),
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
  const auto line = [](std::string_view what, std::int64_t active, std::int64_t full) {
    return fmt::format("  {:<18}{:>22}{:>22}\n", what, grouped(active), grouped(full));
  };
  std::string text = fmt::format("  {:<18}{:>22}{:>22}\n", "", "active lanes", "full registers");
  text += line("FLOPs (exact)", figures.flops_active, figures.flops_full);
  text += line("MACs", figures.active.macs, figures.full.macs);
  text += fmt::format("  {:<18}{:>22}\n", "instructions", grouped(report.totals.instructions));
  const auto share = executed::fma_share(figures.floating);
  text += fmt::format("  {:<18}{:>22}\n", "FMA share",
                      share ? fmt::format("{:.1f} %", 100 * *share) : "no multiply");
  text += fmt::format("  {:<18}{:>22.3f} over {:.6f} s, under the counter\n", "GFLOPS (exact)",
                      figures.gflops, figures.seconds);
  return text + fmt::format("  exact: {}\n", find_convention("exact").rule);
}

std::string operations_text(const executed::Totals& totals) {
  std::string text = fmt::format("\n  {:<24}{:>20}{:>22}{:>22}\n", "operation, type, lanes",
                                 "instructions", "active lanes", "full registers");
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    text += fmt::format("  {:<24}{:>20}{:>22}{:>22}\n", executed::to_string(what),
                        grouped(cell.instructions), grouped(cell.active), grouped(cell.full));
  });
  return text;
}

std::string fp_arith_text(const executed::Totals& totals) {
  std::string text;
  for (const executed::FpArithEvent& event : executed::fp_arith_events()) {
    if (const std::int64_t count = fp_arith_count(totals, event); count != 0) {
      text += fmt::format("  {:<48}{:>20}\n", event.name, grouped(count));
    }
  }
  return text.empty() ? "" : "\n  What Intel's counters would have read\n" + text;
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : 100. * static_cast<double>(part) / static_cast<double>(whole);
}

std::string spots_text(const ExecReport& report, const Figures& figures, std::size_t top) {
  if (!report.region.empty()) {
    return "";
  }
  constexpr std::size_t widest = 70;
  const auto line = [&](const ExecSpot& spot, const std::string& name) {
    return fmt::format("  {:>6.1f} {:>6.1f}  {:<{}}\n", percent(spot.flops, figures.flops_active),
                       percent(spot.instructions, report.totals.instructions),
                       name.substr(0, widest), 0);
  };
  std::string text = "\n  % of FLOPs (exact) and of instructions\n";
  for (const ExecSpot& spot :
       std::span(report.modules).first(std::min(top, report.modules.size()))) {
    text += line(spot, module_name(spot));
  }
  text += "\n";
  for (const ExecSpot& spot : std::span(report.spots).first(std::min(top, report.spots.size()))) {
    text += line(spot, fmt::format("{}  {}", module_name(spot), name_of(spot)));
  }
  return text;
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
  for (const ExecSpot& spot :
       std::span(report.modules).first(std::min(top, report.modules.size()))) {
    list.push_back(spot_json(spot));
  }
  return list;
}

nlohmann::json spots_json(const ExecReport& report, std::size_t top) {
  nlohmann::json list = nlohmann::json::array();
  for (const ExecSpot& spot : std::span(report.spots).first(std::min(top, report.spots.size()))) {
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
      {"fma_share", share ? nlohmann::json(*share) : nlohmann::json()},
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
