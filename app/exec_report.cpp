#include "app/exec_report.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "app/exec_program.h"
#include "app/text.h"
#include "counters/executed/symbols/address_space.h"
#include "counters/executed/symbols/code_spots.h"

namespace flopmeter {
namespace {

using executed::BlockRecord;
using executed::Loss;
using executed::ProcessRecord;
using executed::Stage;

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
  void add_process(const ProcessRecord& parsed) {
    std::vector<executed::CodeRange> ranges;
    for (const BlockRecord& block : parsed.blocks) {
      ranges.push_back({block.address, block.bytes});
    }
    const executed::AddressSpace space(parsed.maps, tables_);
    const auto place_of = [&](std::uint64_t address) { return space.find(address); };
    for (const executed::CodeSpot& spot : code_spots(ranges, place_of)) {
      const bool generated = spot.place.module.empty();
      const std::uint64_t address = generated ? spot.range.address : 0;
      ExecSpot& sum = spots_[{spot.place, generated ? parsed.process : 0, address}];
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
     "did not come to be counted: nothing of it was"},
    {[](const ProcessRecord& r) { return r.stage == Stage::unavailable; },
     "executed instructions cannot be counted here (no xsave, or no memory): it ran uncounted"},
    {[](const ProcessRecord& r) {
       return r.stage == Stage::started && r.lost(Loss::unsupported) + r.lost(Loss::no_room) == 0;
     },
     "a signal ended it, or it is still running: the counts are those up to there"},
    {[](const ProcessRecord& r) { return r.restricted && r.stage == Stage::started; },
     "it forbade itself system calls (seccomp), of which the counter makes some: that may be what "
     "ended it"},
    {[](const ProcessRecord& r) { return r.overflow; },
     "the totals exceed 2^63 - 1 and are not complete"},
    {[](const ProcessRecord& r) { return r.repeated; },
     "an instruction with a rep prefix counts once, however often it repeats"},
};

/// What is to be said of a way to count less than all.
struct LossText {
  Loss loss;
  std::string_view text;
};

constexpr LossText loss_table[] = {
    {Loss::no_room,
     "{} times a thread went on uncounted, as there was no room for more translated code: the "
     "totals are at least what is shown; count a shorter run"},
    {Loss::uncounted_thread,
     "{} threads could not be made, as there was no memory for their counters: give it more, or "
     "run fewer threads"},
    {Loss::uncounted_handler,
     "{} signal handlers ran uncounted, because they had interrupted one another in the counter, "
     "as "
     "did what followed those that did not return: the totals are at least what is shown"},
    {Loss::whole_block,
     "{} signals met code of which the counter could not take apart what ran and what did not: up "
     "to a block "
     "of code each counts that did not run"},
    {Loss::no_record, "{} child processes have no record, for lack of memory: they ran uncounted"},
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

/// Of the program itself, how it has ended is said apart from the remarks.
bool is_told(const ProcessRecord& record, const Ended& ended) {
  return record.stage == Stage::started && record.parent == 0 && WIFSIGNALED(ended.status) &&
         record.process == ended.process;
}

void remark_on(const ProcessRecord& record, const Ended& ended, Remarks& remarks) {
  const std::string program = file_name(record.program);
  for (const Remark& remark : remark_table) {
    if (remark.applies(record) && (record.restricted || !is_told(record, ended))) {
      remarks.add(std::string(remark.text), program);
    }
  }
  if (record.stage == Stage::uncountable) {
    remarks.add(
        fmt::format("ran uncounted, as did what it started: {}", why_uncountable(record.program)),
        program);
  }
  if (!record.unsupported.empty()) {
    remarks.add(fmt::format("cannot count '{}': {} threads ran uncounted from such an instruction "
                            "on; the totals are at least what is shown",
                            record.unsupported, grouped(record.lost(Loss::unsupported))),
                program);
  }
  for (const LossText& loss : loss_table) {
    if (const std::int64_t times = record.lost(loss.loss); times != 0) {
      remarks.add(fmt::format(fmt::runtime(loss.text), grouped(times)), program);
    }
  }
  if (record.unsummed_tiles != 0) {
    remarks.add(fmt::format("{} AMX products are missing: a signal came before the shape of their "
                            "tiles was noted",
                            grouped(record.unsummed_tiles)),
                program);
  }
}

/// Processes that were made, or became another program, and left no record.
void remark_on_missing(std::span<const ProcessRecord> records, bool children, Remarks& remarks) {
  std::int64_t uncounted = 1;
  std::map<std::int32_t, bool> replaced;
  for (const ProcessRecord& record : records) {
    // The number of a process that has ended may be another's.
    bool& is_replaced = replaced[record.process];
    uncounted += record.processes - (is_replaced ? 0 : 1);
    is_replaced = record.stage == Stage::replaced;
  }
  if (!replaced.empty() && uncounted > 0) {
    remarks.add(fmt::format("{} child processes ran uncounted ({})", grouped(uncounted),
                            children ? "statically linked, for 32 bits, or with the rights of "
                                       "another user: no library can be preloaded"
                                     : "--children counts those that go on with the program or "
                                       "run another"));
  }
  for (const auto& [process, lost] : replaced) {
    if (lost) {
      remarks.add(fmt::format(
          "process {} ran another program in its place, which cannot be counted", process));
    }
  }
}

/// Functions are not told by region.
void keep_region(ExecReport& report) {
  report.spots.clear();
  report.modules.clear();
  report.totals = {};
  if (!report.regions.list.empty()) {
    report.totals = report.regions.list.front().totals;
  } else if (report.counted()) {
    report.remarks.push_back(
        fmt::format("no region '{}' has begun where it is counted", report.region));
  }
}

}  // namespace

bool ExecReport::counted() const { return std::ranges::any_of(processes, &ExecProcess::counted); }

ExecReport read_report(const std::vector<std::string>& command, const Ended& ended,
                       const std::string& file, const std::string& region, bool children) {
  constexpr double a_nanosecond = 1e-9;
  const std::vector<ProcessRecord> records = executed::read_processes(file);
  ExecReport report{.command = command, .ended = ended, .region = region};
  Spots spots;
  Remarks remarks;
  for (const ProcessRecord& record : records) {
    report.processes.push_back({record.stage, record.process, record.program,
                                static_cast<double>(record.seconds_1e9) * a_nanosecond,
                                record.threads});
    report.totals += record.totals;
    spots.add_process(record);
    remark_on(record, ended, remarks);
  }
  remark_on_missing(records, children, remarks);
  report.remarks = remarks.list();
  report.regions = read_regions(records, region);
  report.remarks.insert(report.remarks.end(), report.regions.remarks.begin(),
                        report.regions.remarks.end());
  report.spots = spots.list();
  report.modules = by_module(report.spots);
  sort(report.spots);
  sort(report.modules);
  if (!region.empty()) {
    keep_region(report);
  }
  return report;
}

}  // namespace flopmeter
