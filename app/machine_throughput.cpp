#include "app/machine_throughput.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "results/report/text_table.h"

namespace flopmeter {
namespace {

template <class Key>
auto distinct(std::span<const ThroughputRow> rows, Key key) {
  std::vector<std::decay_t<decltype(rows.front().*key)>> values;
  for (const ThroughputRow& row : rows) {
    if (std::ranges::find(values, row.*key) == values.end()) {
      values.push_back(row.*key);
    }
  }
  return values;
}

bool same_mix(const ThroughputRow& a, const ThroughputRow& b) {
  return a.operation == b.operation && a.bits == b.bits && a.dtype == b.dtype && a.isa == b.isa &&
         a.instruction == b.instruction;
}

/// "scalar", "512", "tile"
std::string width_text(const ThroughputRow& row) {
  const std::int64_t bits = row.bits.value_or(0);
  return bits <= 64 ? "scalar" : bits == 8192 ? "tile" : std::to_string(bits);
}

std::optional<double> giga(const std::optional<double>& rate) {
  return rate ? std::optional(*rate / 1e9) : rate;
}

std::string cores_of(const std::optional<std::int64_t>& cores) {
  return fmt::format("{} core{}", cores.value_or(0), cores == 1 ? "" : "s");
}

/// Its columns: the mix, four for each number of cores, latency and instruction.
report::TextTable empty_table(std::span<const ThroughputRow> rows) {
  report::TextTable table{.columns = {{"operation", false, 14}, {"bits", true, 6}}};
  for (const auto& cores : distinct(rows, &ThroughputRow::cores)) {
    table.columns.insert(table.columns.end(), {{cores_of(cores) + ": burst", true},
                                               {"sustained", true},
                                               {"instr./cycle", true},
                                               {"GHz", true, 5}});
  }
  table.columns.insert(table.columns.end(), {{"latency", true}, {"instruction"}});
  return table;
}

std::string remark(const ThroughputRow& row) {
  return row.status == "ok" ? "" : fmt::format("  {}: {}", row.status, row.reason);
}

/// One mix on every number of cores.
std::vector<report::Cell> cells_of(const ThroughputRow& first,
                                   std::span<const ThroughputRow> rows) {
  std::vector<report::Cell> cells{{first.operation}, {width_text(first)}};
  if (!first.burst) {
    cells.push_back({fmt::format("{}: {} ({})", first.status, first.reason, first.instruction)});
    return cells;
  }
  std::optional<double> latency;
  std::string remarks;
  for (const ThroughputRow& row : rows) {
    if (same_mix(row, first)) {
      cells.insert(cells.end(),
                   {report::number_cell(giga(row.burst)), report::number_cell(giga(row.sustained)),
                    report::number_cell(row.instructions_per_cycle), report::number_cell(row.ghz)});
      latency = row.latency_cycles ? row.latency_cycles : latency;
      remarks = remarks.empty() ? remark(row) : remarks;
    }
  }
  cells.insert(cells.end(), {report::number_cell(latency),
                             {fmt::format("{} ({}){}", first.instruction, first.isa, remarks)}});
  return cells;
}

std::string table_of(std::span<const ThroughputRow> rows, const std::string& dtype) {
  std::vector<ThroughputRow> own;
  std::ranges::copy_if(rows, std::back_inserter(own),
                       [&](const ThroughputRow& row) { return row.dtype == dtype; });
  report::TextTable table = empty_table(own);
  // By operation, then as the table of mixes has them.
  for (const std::string& operation :
       distinct(std::span<const ThroughputRow>(own), &ThroughputRow::operation)) {
    for (const ThroughputRow& row : own) {
      if (row.operation == operation && row.cores == own.front().cores) {
        table.rows.push_back(cells_of(row, own));
      }
    }
  }
  return fmt::format("\n{}, {}\n{}", dtype, dtype == "s8" ? "GOPS" : "GFLOPS", to_text(table));
}

const ThroughputRow* best(std::span<const ThroughputRow> rows, const ThroughputRow& fused) {
  const ThroughputRow* found = nullptr;
  for (const ThroughputRow& row : rows) {
    const bool apart = row.operation == "multiply + add" && row.bits == fused.bits &&
                       row.dtype == fused.dtype && row.cores == fused.cores && row.burst;
    if (apart && (found == nullptr || *row.burst > *found->burst)) {
      found = &row;
    }
  }
  return found;
}

/// "FMA over separate multiplies and adds, GFLOPS on 1 core: f32 scalar 1.36 times, ..."
std::string fma_in_words(std::span<const ThroughputRow> rows) {
  std::string text;
  for (const ThroughputRow& row : rows) {
    if (row.operation != "FMA" || !row.burst || row.cores != rows.front().cores) {
      continue;
    }
    if (const ThroughputRow* apart = best(rows, row)) {
      text += fmt::format("{}{} {} {:.2f}", text.empty() ? "" : ", ", row.dtype, width_text(row),
                          *row.burst / *apart->burst);
    }
  }
  return text.empty() ? ""
                      : fmt::format(
                            "\nFMA reaches so many times the GFLOPS of separate multiplies "
                            "and adds: {}\n",
                            text);
}

constexpr auto throughput_legend =
    "burst          90th percentile of looks of 30 us; sustained: over all of the time\n"
    "GFLOPS, GOPS   10^9 operations a second: of a lane an FMA two, a dot product two for each\n"
    "               product, any other instruction one\n"
    "instr./cycle   of a core, from burst and the clock right beside it (GHz)\n"
    "latency        cycles, one round of the instructions after another\n";

}  // namespace

std::string throughput_text(std::span<const ThroughputRow> rows) {
  if (rows.empty()) {
    return "";
  }
  std::string text;
  for (const std::string& dtype : distinct(rows, &ThroughputRow::dtype)) {
    text += table_of(rows, dtype);
  }
  return text + fma_in_words(rows) + "\n" + throughput_legend;
}

}  // namespace flopmeter
