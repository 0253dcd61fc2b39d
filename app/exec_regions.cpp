#include "app/exec_regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "app/counts_json.h"
#include "app/text.h"
#include "counters/executed/arithmetic/flops.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using executed::Lanes;
using executed::RegionRecord;
using executed::RegionTable;

constexpr double a_nanosecond = 1e-9;

void add_record(ExecRegion& sum, const RegionRecord& record) {
  if (record.calls > record.open) {
    const bool is_first = sum.calls == sum.open;
    sum.fewest_flops =
        is_first ? record.fewest_flops : std::min(sum.fewest_flops, record.fewest_flops);
    sum.most_flops = std::max(sum.most_flops, record.most_flops);
  }
  sum.calls += record.calls;
  sum.open += record.open;
  sum.threads += record.threads;
  sum.seconds += static_cast<double>(record.seconds_1e9) * a_nanosecond;
  sum.call_seconds += static_cast<double>(record.call_seconds_1e9) * a_nanosecond;
  sum.helped_flops = checked_add(sum.helped_flops, record.helped_flops);
  sum.doubtful_flops = checked_add(sum.doubtful_flops, record.doubtful_flops);
  sum.totals += record.totals;
}

ExecRegion& find_or_add(std::vector<ExecRegion>& list, const std::string& name) {
  const auto same = std::ranges::find(list, name, &ExecRegion::name);
  return same != list.end() ? *same : list.emplace_back(ExecRegion{.name = name});
}

/// What is derived from a region's totals.
struct RegionFigures {
  explicit RegionFigures(const ExecRegion& region)
      : active(exact_flops(region.totals, Lanes::active)),
        full(exact_flops(region.totals, Lanes::full)) {
    const executed::Totals floating = floating_totals(region.totals);
    fma_share = executed::fma_share(op_counts(floating, Lanes::active));
    executed::Cell lanes;
    floating.for_each([&](const executed::Arithmetic&, const executed::Cell& cell) {
      lanes.active = checked_add(lanes.active, cell.active);
      lanes.full = checked_add(lanes.full, cell.full);
    });
    if (lanes.full != 0) {
      lane_use = static_cast<double>(lanes.active) / static_cast<double>(lanes.full);
    }
    if (region.seconds > 0) {
      gflops = static_cast<double>(active) / 1e9 / region.seconds;
    }
    if (region.calls > 0) {
      flops_per_call = static_cast<double>(active) / static_cast<double>(region.calls);
    }
  }

  std::int64_t active, full;  // FLOPs (exact)
  std::optional<double> fma_share, lane_use, gflops, flops_per_call;
};

std::string or_dash(const std::optional<double>& value, double scale, int digits) {
  return value ? fmt::format("{:.{}f}", scale * *value, digits) : "-";
}

std::vector<report::Cell> cells_of(const ExecRegion& region) {
  const RegionFigures figures(region);
  return {
      report::count_cell(region.calls),
      report::count_cell(region.threads),
      {fmt::format("{:.6f}", region.seconds)},
      {or_dash(figures.gflops, 1, 3)},
      report::count_cell(figures.active),
      {figures.flops_per_call ? grouped(static_cast<std::int64_t>(*figures.flops_per_call)) : "-"},
      {or_dash(figures.fma_share, 100, 1)},
      {or_dash(figures.lane_use, 100, 1)},
      {region.name}};
}

nlohmann::json json_of(const ExecRegion& region) {
  const RegionFigures figures(region);
  const bool some_ended = region.calls > region.open;
  const auto of_ended = [&](std::int64_t flops) {
    return some_ended ? nlohmann::json(flops) : nlohmann::json();
  };
  return {{"name", region.name},
          {"calls", region.calls},
          {"open_calls", region.open},
          {"threads", region.threads},
          {"seconds", region.seconds},
          {"call_seconds", region.call_seconds},
          {"instructions", region.totals.instructions},
          {"flops_exact", {{"active", figures.active}, {"full", figures.full}}},
          {"flops_exact_of_a_call",
           {{"mean", json_or_null(figures.flops_per_call)},
            {"fewest", of_ended(region.fewest_flops)},
            {"most", of_ended(region.most_flops)},
            {"not_of_the_call_at_most", region.doubtful_flops}}},
          {"flops_exact_by_other_threads", region.helped_flops},
          {"gflops_exact", json_or_null(figures.gflops)},
          {"fma_share", json_or_null(figures.fma_share)},
          {"lane_use", json_or_null(figures.lane_use)},
          {"active", counts_json(op_counts(region.totals, Lanes::active))},
          {"full", counts_json(op_counts(region.totals, Lanes::full))},
          {"operations", operations_json(region.totals)}};
}

struct TableRemark {
  std::int64_t RegionTable::*count;
  std::string_view text;  // {}: how many
};

constexpr TableRemark table_remarks[] = {
    {&RegionTable::never_begun, "{} ends of regions that their thread had not begun: ignored"},
    {&RegionTable::beyond_most, "{} marks of regions ignored: there is room for 512 names"},
    {&RegionTable::too_many_open,
     "{} regions were begun by a thread that had 64 open: what they executed is not counted for "
     "them"},
    {&RegionTable::shared_flops,
     "{} FLOPs (exact) are in no region: threads that make no marks executed them while several "
     "other threads had regions open"},
};

void remark_on_table(const RegionTable& table, std::vector<std::string>& remarks) {
  for (const TableRemark& remark : table_remarks) {
    if (const std::int64_t count = table.*remark.count; count != 0) {
      remarks.push_back(fmt::format(fmt::runtime(remark.text), grouped(count)));
    }
  }
  if (table.overflow) {
    remarks.emplace_back("what regions executed exceeds 2^63 - 1 and is not complete");
  }
}

void remark_on_region(const ExecRegion& region, std::vector<std::string>& remarks) {
  if (region.open != 0) {
    remarks.push_back(fmt::format(
        "region '{}': {} of its {} calls had not ended; they count up to the end of their thread "
        "or, where a signal ended the process, to the latest mark",
        region.name, grouped(region.open), grouped(region.calls)));
  }
}

}  // namespace

ExecRegions read_regions(std::span<const executed::ProcessRecord> processes,
                         const std::string& only) {
  ExecRegions regions;
  for (const executed::ProcessRecord& process : processes) {
    const RegionTable* const table = process.regions.get();
    if (table == nullptr) {
      continue;
    }
    for (std::uint32_t i = 0; i < table->size; ++i) {
      const RegionRecord& record = table->regions[i];
      add_record(find_or_add(regions.list, record.name.data()), record);
    }
    remark_on_table(*table, regions.remarks);
  }
  if (!only.empty()) {
    std::erase_if(regions.list, [&](const ExecRegion& region) {
      return region.name != only.substr(0, executed::RegionRecord::longest_name);
    });
  }
  for (const ExecRegion& region : regions.list) {
    remark_on_region(region, regions.remarks);
  }
  return regions;
}

std::string to_text(const ExecRegions& regions) {
  if (regions.list.empty()) {
    return "";
  }
  report::TextTable table{.columns = {{"calls", true},
                                      {"threads", true},
                                      {"seconds", true},
                                      {"GFLOPS (exact)", true},
                                      {"FLOPs (exact)", true},
                                      {"of a call", true},
                                      {"FMA %", true},
                                      {"lane %", true},
                                      {"region"}}};
  std::ranges::transform(regions.list, std::back_inserter(table.rows), cells_of);
  return "\n" + report::to_text(table, 2);
}

nlohmann::json to_json(const ExecRegions& regions) {
  nlohmann::json list = nlohmann::json::array();
  for (const ExecRegion& region : regions.list) {
    list.push_back(json_of(region));
  }
  return list;
}

}  // namespace flopmeter
