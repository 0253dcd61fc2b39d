// The answers that a plan chooses between, and the order in which they are offered.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/plan/predict.h"

namespace flopmeter::planner {

/// One machine, number of threads, batch and dtype.
struct Candidate {
  std::string machine;
  int threads = 1;
  std::int64_t batch = 1;
  Dtype dtype = Dtype::f32;
  /// Of a language model on the kernels that generate: what its weights are stored in, in place of the dtype, and its
  /// fused nodes. Empty: the prediction's items are nodes of the file.
  std::string stored = {};
  std::vector<std::pair<std::string, double>> parts = {};  // seconds
  Prediction prediction = {};
  SimpleRules rules = {};
  double memory_bytes = 0;  // weights and the activations of the largest moment
  /// Seconds at the least until it can run: its weights are read once and written once, as kernels want them, at
  /// the bandwidth of main memory. Reading the file is not in it.
  double load_seconds = 0;
  double level = 0;        // of the interval
  std::size_t points = 0;  // that prediction and interval rest on
  std::optional<double> price_per_hour = {};
  bool pareto = false;  // nothing else is both faster and cheaper

  double per_second() const { return static_cast<double>(batch) / prediction.seconds; }
  /// In the unit of the price, of a machine that does nothing else.
  std::optional<double> per_million() const;
};

/// "bf16", "q8_0".
std::string type_name(const Candidate& candidate);

/// Seconds of a batch at the most, inferences a second at the least; 0: none.
struct Target {
  double latency = 0, throughput = 0;
};

/// Whether the whole interval meets the target, the prediction alone does, or not even that.
enum class Meets { surely, likely, no };
std::string_view to_string(Meets);
Meets meets(const Candidate& candidate, const Target& target);

/// What would have to be so many times as fast for the prediction to meet the target, all else as it is: what
/// bounds it. 1 where it meets it already; none where that alone would not do.
std::optional<double> needed_factor(const Candidate& candidate, const Target& target);

/// What meets the target surely comes first, then likely, then not; among equals the cheapest, without
/// prices the one of most inferences a second, and where throughput is the target the fastest batch. Marks
/// the Pareto front of latency and cost.
void rank(std::vector<Candidate>& candidates, const Target& target);

/// The change of one thing alone, of the machine's first candidate in the order given, that helps most.
struct Change {
  std::size_t from, to;  // places in the list
  std::string what;      // "threads 1 -> 2"
  double factor = 1;     // inferences a second of `to` over those of `from`
};

/// Of the candidates of one machine. None where no change helps.
std::optional<Change> best_change(const std::vector<Candidate>& candidates,
                                  std::string_view machine);

/// "machine,price_per_hour" and a line a machine: the name of its file, with or without folder and
/// ending. Throws BadInput with the number of the line.
std::map<std::string, double> parse_prices(std::string_view csv, std::string_view origin);

/// "20ms", "1.5s", "300us" in seconds; "500/s" in inferences a second. Throw BadInput.
double parse_latency(std::string_view text);
double parse_throughput(std::string_view text);

}  // namespace flopmeter::planner
