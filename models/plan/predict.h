// The time of a network on a machine that need not be there: a sum over nodes of
//   (max(work / roof, weights / bandwidth) + fixed cost) / efficiency
// Never runs anything.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/plan/item.h"
#include "models/plan/machine_model.h"

namespace flopmeter::planner {

/// Which share of the weights of a network each run finds where.
using WeightShares = std::array<double, weight_places.size()>;

/// Of so many bytes of weights and activations, that a run goes through again and again: all in the cores'
/// own caches where those hold them, in main memory from twice the size of all caches on, nothing there up to
/// half of it, and in between by the logarithm. A machine of which caches are not known has them in memory.
WeightShares weight_shares(double bytes, const ProfileRate& rate);

/// One use of a class in an item, all its repetitions and uses together.
struct Term {
  Located located;
  GridReading reading = {};  // of the place of most of the weights
  double work = 0;           // once, FLOPs or bytes
  double efficiency = 0;  // roofline / time; 0: the machine file has none of this class, 1 is taken
  double work_seconds = 0;     // once, work / roof
  double byte_seconds = 0;     // once, what comes from memory / bandwidth
  double spilled_seconds = 0;  // of those, what activations take that no cache holds
  double fixed_seconds = 0;    // once
  double once = 0;             // seconds
  double times = 1;
  double within = 1;  // factor by which this may be off beyond what points are
  std::string remark = {};

  double seconds() const { return once * times; }
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
  double outside = 0;                            // share of the time of places outside the points
  double approximated = 0;  // share of the time of nodes that are as something else
  std::size_t missing = 0;  // nodes that are not understood: the time is at least this
  double weight_bytes = 0, activation_bytes = 0;  // the latter read and written by the largest node
};

/// One term alone, of so many bytes.
Term predict_term(const Located& located, const NodeBytes& bytes, const WeightShares& shares,
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
