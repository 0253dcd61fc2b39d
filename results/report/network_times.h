// What `flopmeter model FILE --time --json` prints, read back for a page.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "results/json.h"

namespace flopmeter::report {

/// A row of the chain as it ran: a fused node, a reorder, or reading the clock.
struct ChainRow {
  std::string name, kind, layer, shape, bound, backend, dtype, implementation;
  std::vector<std::string> fused, after;
  double seconds = 0;             // mean in place
  double share_of_roof = 0;       // the least time under both roofs over the time; 0: none is known
  double flops = 0;               // exact, of the layer alone
  double weights = 0, bytes = 0;  // of weights, and of all operands, weights too
  std::optional<double> alone = {};  // s, alone and warm

  bool node() const { return kind == "node"; }
  double gflops() const { return seconds > 0 ? flops / seconds * 1e-9 : 0; }
};

/// Where the time of a row goes, in seconds; the parts add up to it.
struct RowParts {
  double roof = 0;      // at least needed under both roofs, weights read from main memory
  double kernel = 0;    // what the kernel takes beyond that: alone and warm where that is known
  double place = 0;     // what it takes in the network beyond alone and warm
  double overhead = 0;  // of calls that are too short for anything else; reading the clock
  double layout = 0;    // reorders
};
RowParts parts_of(const ChainRow& row);

/// One batch, set of dimensions and number of threads.
struct ChainTimes {
  std::string label;      // "batch 1, 2 threads", with the sizes of --dim where one is not 1
  std::string inference;  // what one is of, as inference_text says it
  std::int64_t threads = 1, batch = 1, runs = 0;
  double latency = 0, low = 0, high = 0, p90 = 0, p99 = 0;  // s
  double per_second = 0;                                    // inferences
  double peak = 0, bandwidth = 0;                           // operations and bytes a second
  double arena_bytes = 0, resident_bytes = 0;
  std::vector<ChainRow> rows;

  double sum() const;  // of the rows, s
};

struct NetworkTimes {
  std::string path, dtype;
  std::vector<ChainTimes> runs;  // the first is what pages are about
  std::vector<std::string> remarks;
  std::string agreement;  // of all runs, the worst, in words; empty: not checked
  bool random_weights = false;
};

/// Whether an object is of that kind.
bool is_network_times(const Json& json);

/// Throws CannotRead naming the key that is missing.
NetworkTimes network_times(const Json& json, std::string_view origin);

}  // namespace flopmeter::report
