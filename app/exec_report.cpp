#include "app/exec_report.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <tuple>

#include "app/read_file.h"
#include "app/text.h"
#include "counters/executed/symbols/address_space.h"
#include "counters/executed/symbols/code_spots.h"

namespace flopmeter {
namespace {

using executed::BlockRecord;
using executed::ProcessRecord;
using executed::Stage;

/// A record file, taken apart.
struct Parsed {
  ProcessRecord record;
  std::vector<BlockRecord> blocks;
  std::string maps;
};

template <class T>
bool take(std::string_view& text, T& value) {
  if (text.size() < sizeof value) {
    return false;
  }
  std::memcpy(&value, text.data(), sizeof value);
  text.remove_prefix(sizeof value);
  return true;
}

/// Nothing: the file is not complete, because the process was killed while it wrote.
std::optional<Parsed> parse(std::string_view text) {
  Parsed parsed;
  if (!take(text, parsed.record) || parsed.record.magic != ProcessRecord::magic_value) {
    return std::nullopt;
  }
  BlockRecord block;
  while (take(text, block) && block.address != 0) {
    parsed.blocks.push_back(block);
  }
  parsed.maps = text;
  return parsed;
}

/// In the order in which a process ran its programs: files are named PROCESS.NUMBER.
std::vector<Parsed> read_records(const std::string& folder) {
  std::map<std::pair<long, long>, Parsed> records;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::pair<long, long> key;
    const auto [dot, error] = std::from_chars(name.data(), name.data() + name.size(), key.first);
    if (error != std::errc{} || name.ends_with(".new") ||
        name.ends_with(executed::region_file_suffix)) {
      continue;
    }
    std::from_chars(dot + 1, name.data() + name.size(), key.second);
    if (auto parsed = parse(read_file(entry.path().string()).value_or(""))) {
      records.emplace(key, std::move(*parsed));
    }
  }
  std::vector<Parsed> list;
  for (auto& [key, parsed] : records) {
    list.push_back(std::move(parsed));
  }
  return list;
}

std::string file_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

void add(ExecSpot& to, const ExecSpot& what) {
  to.instructions = checked_add(to.instructions, what.instructions);
  to.flops = checked_add(to.flops, what.flops);
  to.macs = checked_add(to.macs, what.macs);
}

/// Spots of the same function in several processes are one; generated code is of one process.
class Spots {
 public:
  void add_process(const Parsed& parsed) {
    std::vector<executed::CodeRange> ranges;
    for (const BlockRecord& block : parsed.blocks) {
      ranges.push_back({block.address, block.bytes});
    }
    const executed::AddressSpace space(parsed.maps, tables_);
    const auto place_of = [&](std::uint64_t address) { return space.find(address); };
    for (const executed::CodeSpot& spot : code_spots(ranges, place_of)) {
      const bool generated = spot.place.module.empty();
      const std::uint64_t address = generated ? spot.range.address : 0;
      ExecSpot& sum = spots_[{spot.place, generated ? parsed.record.process : 0, address}];
      sum.module = file_name(spot.place.module);
      sum.symbol = spot.place.symbol;
      sum.address = address;
      sum.bytes = spot.range.bytes;
      for (const std::size_t i : spot.blocks) {
        const BlockRecord& block = parsed.blocks[i];
        add(sum, {.instructions = block.instructions, .flops = block.flops, .macs = block.macs});
      }
    }
  }

  std::vector<ExecSpot> list() const {
    std::vector<ExecSpot> all;
    for (const auto& [key, spot] : spots_) {
      all.push_back(spot);
    }
    return all;
  }

 private:
  executed::SymbolTables tables_;
  std::map<std::tuple<executed::Place, std::int32_t, std::uint64_t>, ExecSpot> spots_;
};

void sort(std::vector<ExecSpot>& spots) {
  std::ranges::stable_sort(spots, std::ranges::greater{}, [](const ExecSpot& spot) {
    return std::pair(spot.flops, spot.instructions);
  });
}

std::vector<ExecSpot> by_module(std::span<const ExecSpot> spots) {
  std::map<std::string, ExecSpot> modules;
  for (const ExecSpot& spot : spots) {
    ExecSpot& module = modules[spot.module];
    module.module = spot.module;
    add(module, spot);
  }
  std::vector<ExecSpot> list;
  for (const auto& [name, module] : modules) {
    list.push_back(module);
  }
  return list;
}

/// The remarks on one process.
struct Remark {
  bool (*applies)(const ProcessRecord&);
  std::string_view text;
};

constexpr Remark remark_table[] = {
    {[](const ProcessRecord& r) { return r.stage == Stage::loaded; },
     "never came to main by the C library: nothing of it was counted"},
    {[](const ProcessRecord& r) { return r.stage == Stage::unavailable; },
     "executed instructions cannot be counted here (no xsave, or no memory): it ran uncounted"},
    {[](const ProcessRecord& r) { return r.stage == Stage::started; },
     "told no totals: SIGKILL ended it, or a signal that it had handled itself; or it is still "
     "running"},
    {[](const ProcessRecord& r) { return r.overflow; },
     "the totals exceed 2^63 - 1 and are not complete"},
    {[](const ProcessRecord& r) { return r.ended_uncounted; },
     "came to its end in code that runs uncounted: a signal handler, all that follows a jump out "
     "of "
     "one, or its last thread's end"},
    {[](const ProcessRecord& r) { return r.left_by_jump; },
     "a thread ended by pthread_exit or was cancelled: its last cleaning up ran uncounted"},
    {[](const ProcessRecord& r) { return r.repeated; },
     "an instruction with a rep prefix counts once, however often it repeats"},
};

/// What is to be said, and of which programs.
class Remarks {
 public:
  void add(const std::string& text, const std::string& program = "") {
    const auto [known, is_new] = programs_.try_emplace(text);
    if (is_new) {
      order_.push_back(text);
    }
    if (!program.empty() && std::ranges::find(known->second, program) == known->second.end()) {
      known->second.push_back(program);
    }
  }

  std::vector<std::string> list() const {
    std::vector<std::string> lines;
    for (const std::string& text : order_) {
      const std::vector<std::string>& names = programs_.at(text);
      lines.push_back(names.empty() ? text : fmt::format("{}: {}", fmt::join(names, ", "), text));
    }
    return lines;
  }

 private:
  std::map<std::string, std::vector<std::string>> programs_;
  std::vector<std::string> order_;
};

void remark_on(const ProcessRecord& record, Remarks& remarks) {
  const std::string program = file_name(record.program.data());
  for (const Remark& remark : remark_table) {
    if (remark.applies(record)) {
      remarks.add(std::string(remark.text), program);
    }
  }
  if (record.unsupported[0] != 0) {
    remarks.add(fmt::format("cannot count '{}': that thread ran uncounted from there on",
                            record.unsupported.data()),
                program);
  }
  if (record.uncounted_threads != 0) {
    remarks.add(fmt::format("{} threads ran uncounted: not made by pthread_create, or without "
                            "memory",
                            grouped(record.uncounted_threads)),
                program);
  }
}

/// Processes that were made, or became another program, and left no record.
void remark_on_missing(std::span<const Parsed> records, Remarks& remarks) {
  std::int64_t made = 0;
  std::map<std::int32_t, bool> replaced;
  for (const Parsed& parsed : records) {
    made += parsed.record.processes;
    replaced[parsed.record.process] = parsed.record.replaced;
  }
  const std::int64_t uncounted = made + 1 - static_cast<std::int64_t>(replaced.size());
  if (!replaced.empty() && uncounted > 0) {
    remarks.add(
        fmt::format("{} child processes ran uncounted (--children counts those that "
                    "run a program)",
                    grouped(uncounted)));
  }
  for (const auto& [process, lost] : replaced) {
    if (lost) {
      remarks.add(fmt::format(
          "process {} ran another program in its place, which cannot be counted", process));
    }
  }
}

}  // namespace

bool ExecReport::counted() const {
  return std::ranges::any_of(processes,
                             [](const ExecProcess& p) { return p.stage == Stage::ended; });
}

ExecReport read_report(const std::vector<std::string>& command, const Ended& ended,
                       const std::string& folder) {
  constexpr double a_nanosecond = 1e-9;
  const std::vector<Parsed> records = read_records(folder);
  ExecReport report{.command = command, .ended = ended};
  Spots spots;
  Remarks remarks;
  for (const Parsed& parsed : records) {
    const ProcessRecord& record = parsed.record;
    report.processes.push_back({record.stage, record.process, record.program.data(),
                                static_cast<double>(record.seconds_1e9) * a_nanosecond,
                                record.threads});
    report.totals += record.totals;
    spots.add_process(parsed);
    remark_on(record, remarks);
  }
  remark_on_missing(records, remarks);
  report.remarks = remarks.list();
  report.regions = read_regions(folder);
  report.remarks.insert(report.remarks.end(), report.regions.remarks.begin(),
                        report.regions.remarks.end());
  report.spots = spots.list();
  report.modules = by_module(report.spots);
  sort(report.spots);
  sort(report.modules);
  return report;
}

}  // namespace flopmeter
