// The regions of a counted program: what its processes executed between marks, put together.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "counters/executed/process_record.h"

namespace flopmeter {

/// All that ran in regions of one name.
struct ExecRegion {
  std::string name;
  std::int64_t calls = 0;
  std::int64_t open = 0;  // calls that had not ended
  std::int64_t threads = 0;
  double seconds = 0;             // some thread was in it; of several processes the sum
  double call_seconds = 0;        // the sum over calls
  std::int64_t fewest_flops = 0;  // exact, of active lanes, of one call that ended
  std::int64_t most_flops = 0;
  std::int64_t helped_flops = 0;
  std::int64_t doubtful_flops = 0;  // in fewest and most, of a thread that turned out no helper
  executed::Totals totals = {};
};

struct ExecRegions {
  std::vector<ExecRegion> list = {};  // in the order in which they began first
  std::vector<std::string> remarks = {};
};

/// Of all processes; of the one region of that name, unless it is empty. Throws CountOverflow.
ExecRegions read_regions(std::span<const executed::ProcessRecord> processes,
                         const std::string& only = "");

/// A table with a line for each; empty where there is none.
std::string to_text(const ExecRegions& regions);
nlohmann::json to_json(const ExecRegions& regions);

}  // namespace flopmeter
