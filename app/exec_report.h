// What a counted program did: the records of its processes, put together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/exec_regions.h"
#include "app/exec_run.h"
#include "counters/executed/process_record.h"

namespace flopmeter {

/// One program in one process.
struct ExecProcess {
  executed::Stage stage = executed::Stage::loaded;
  std::int32_t number = 0;  // of the process
  std::string program;
  double seconds = 0;
  std::int64_t threads = 0;

  bool counted() const {
    return stage != executed::Stage::loaded && stage != executed::Stage::unavailable &&
           stage != executed::Stage::uncountable;
  }
};

/// What a function, or what a module did.
struct ExecSpot {
  std::string module = {};    // the file's name; empty: code that was generated at run time
  std::string symbol = {};    // mangled; empty: unknown
  std::uint64_t address = 0;  // of generated code; 0: it has a module
  std::uint64_t bytes = 0;
  std::int64_t instructions = 0;
  std::int64_t flops = 0;  // exact, of active lanes
  std::int64_t macs = 0;
};

struct ExecReport {
  std::vector<std::string> command;
  Ended ended;
  executed::Totals totals = {};
  std::vector<ExecProcess> processes = {};
  std::vector<ExecSpot> spots = {};    // the most FLOPs first, then the most instructions
  std::vector<ExecSpot> modules = {};  // the same
  ExecRegions regions = {};
  std::string region = {};  // empty; or all is of the regions of this name alone
  std::vector<std::string> remarks = {};

  /// Some process told its totals.
  bool counted() const;
};

/// Of all records in the file; with a region, totals, seconds and rate are of that region alone, and
/// a remark says where it never began. Throws CountOverflow and std::runtime_error.
ExecReport read_report(const std::vector<std::string>& command, const Ended& ended,
                       const std::string& file, const std::string& region, bool children);

}  // namespace flopmeter
