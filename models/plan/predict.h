// The time of a network on a machine that need not be there: a sum over nodes of
//   max(work / (roof x efficiency), bytes / bandwidth) + fixed cost
// Never runs anything.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/plan/item.h"
#include "models/plan/machine_model.h"

namespace flopmeter::planner {

/// One use of a class in an item, all its repetitions and uses together.
struct Term {
  Located located;
  Reading reading = {};
  double work = 0;          // once, FLOPs or bytes
  double efficiency = 0;    // 0: the machine file has none of this class, 1 is taken
  double work_seconds = 0;  // once: work / (roof x efficiency)
  double byte_seconds = 0;  // once: what comes from memory / bandwidth
  double fixed_seconds = 0;
  double times = 1;
  double within = 1;  // factor by which this may be off beyond the interval of the grid
  std::string remark = {};

  double seconds() const;
  std::string_view bound() const;  // compute | memory | overhead
};

struct ItemPrediction {
  const Item* item = nullptr;
  std::vector<Term> terms = {};
  double seconds() const;
};

struct Prediction {
  std::vector<ItemPrediction> items;
  double seconds = 0;
  double low = 0, high = 0;                      // seconds
  double compute = 0, memory = 0, overhead = 0;  // shares of the time, together 1
  std::string_view bound = {};                   // the largest of them
  double outside = 0;                            // share of the time of places outside the grid
  double approximated = 0;  // share of the time of nodes that are as something else
  std::size_t missing = 0;  // nodes that are not understood: the time is at least this
  double weight_bytes = 0, activation_bytes = 0;  // the latter read and written by the largest node
};

/// One term alone: `weight_bytes` are read from memory, and activations where no cache holds them.
Term predict_term(const Located& located, double weight_bytes, double activation_bytes,
                  const Setting& setting);

/// `items` must outlive the result.
Prediction predict(std::span<const Item> items, std::int64_t batch, const Setting& setting);

/// What simple rules say, seconds: operations / peak; the same or bytes / bandwidth of each node, the
/// larger, at efficiency 1; all bytes / bandwidth.
struct SimpleRules {
  double operations_over_peak = 0, roofline = 0, bytes_over_bandwidth = 0;
};
SimpleRules simple_rules(std::span<const Item> items, std::int64_t batch, const Setting& setting);

}  // namespace flopmeter::planner
