#include "app/machine_throughput.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "results/cell.h"
#include "results/text_width.h"

namespace flopmeter {
namespace {

constexpr double giga = 1e9;

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

std::string cell_of(const std::optional<double>& value, double scale = 1) {
  return value ? significant(*value / scale, 4) : "-";
}

constexpr auto mix_format = "{:<16}{:>7}";
constexpr auto rate_format = "{:>9}{:>11}{:>13}{:>7}";

std::string heading(std::span<const ThroughputRow> rows) {
  const bool integers = rows.front().dtype == "s8";
  const std::string unit = integers ? "GOPS" : "GFLOPS";
  std::string above = fmt::format("\n{}, {}", rows.front().dtype, unit);
  std::string below = fmt::format(mix_format, "operation", "bits");
  above = pad_right(above, below.size() + 1);
  for (const auto& cores : distinct(rows, &ThroughputRow::cores)) {
    const std::string group = fmt::format(rate_format, "burst", "sustained", "instr./cycle", "GHz");
    above +=
        pad_left(fmt::format("{} core{}", cores.value_or(0), cores == 1 ? "" : "s"), group.size());
    below += group;
  }
  return fmt::format("{}\n{}{:>9}  instruction\n", above, below, "latency");
}

std::string remark(const ThroughputRow& row) {
  return row.status == "ok" ? "" : fmt::format("  {}: {}", row.status, row.reason);
}

/// One mix on every number of cores.
std::string line(const ThroughputRow& first, std::span<const ThroughputRow> rows) {
  std::string text = fmt::format(mix_format, first.operation, width_text(first));
  if (!first.burst) {
    return fmt::format("{}  {}: {} ({})\n", text, first.status, first.reason, first.instruction);
  }
  std::string latency = "-";
  std::string remarks;
  for (const ThroughputRow& row : rows) {
    if (same_mix(row, first)) {
      text += fmt::format(rate_format, cell_of(row.burst, giga), cell_of(row.sustained, giga),
                          cell_of(row.instructions_per_cycle), cell_of(row.ghz));
      latency = row.latency_cycles ? cell_of(row.latency_cycles) : latency;
      remarks = remarks.empty() ? remark(row) : remarks;
    }
  }
  return fmt::format("{}{:>9}  {} ({}){}\n", text, latency, first.instruction, first.isa, remarks);
}

std::string table_of(std::span<const ThroughputRow> rows, const std::string& dtype) {
  std::vector<ThroughputRow> own;
  std::ranges::copy_if(rows, std::back_inserter(own),
                       [&](const ThroughputRow& row) { return row.dtype == dtype; });
  std::string text = heading(own);
  // By operation, then as the table of mixes has them.
  for (const std::string& operation :
       distinct(std::span<const ThroughputRow>(own), &ThroughputRow::operation)) {
    for (const ThroughputRow& row : own) {
      if (row.operation == operation && row.cores == own.front().cores) {
        text += line(row, own);
      }
    }
  }
  return text;
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

constexpr auto legend =
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
  return text + fma_in_words(rows) + "\n" + legend;
}

}  // namespace flopmeter
