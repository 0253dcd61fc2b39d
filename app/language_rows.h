// What is measured of a language model that runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/equipment.h"
#include "models/chain/run_times.h"
#include "models/language/check.h"
#include "models/language/generator.h"

namespace flopmeter {

/// A node of the run. `bound`: weights (from main memory), cache (the same), unpacking (of stored weights where they lie
/// in the core's own cache), compute, overhead (of a parallel region); code where none of them takes a third.
struct LanguageRow {
  models::GenerationPart part;
  double seconds = 0;
  double share_of_roof = 0;  // the least time under the peak and the bandwidth over the time
  std::string bound = {};
};

struct LanguageRun {
  models::Phase phase;
  int threads = 1;
  models::Latency latency;
  std::vector<LanguageRow> rows;
  double clock_seconds = 0, whole_seconds = 0;
  std::size_t rows_of = 0;
  double peak = 0, bandwidth = 0, overhead = 0;
  std::map<std::string, double> unpacking;  // stored bytes a second, by format
  std::size_t arena_bytes = 0;
  std::int64_t cache_bytes = 0, cache_token_bytes = 0;

  std::int64_t weight_bytes_read() const;
  std::int64_t cache_bytes_read() const;
  double tokens_per_second() const;
  double read_rate() const;  // of weights and cache, bytes a second
  /// Seconds of the rows by their bound.
  std::map<std::string, double> seconds_by_bound() const;
};

/// Stored bytes a second that rows of `columns` weights in a core's own cache are multiplied at by one thread.
double unpacking_rate(generation::Format format, std::int64_t columns, const Clock& clock);

/// Runs it for so many seconds.
LanguageRun time_generation(models::Generator& generator, const models::Phase& phase, int threads,
                            double seconds, Equipment& equipment);

}  // namespace flopmeter
