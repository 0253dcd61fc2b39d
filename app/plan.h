// What `flopmeter plan` found, and how it is written.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/chain/run_times.h"
#include "models/language/description.h"
#include "models/model.h"
#include "models/plan/candidate.h"
#include "results/inference_text.h"

namespace flopmeter {

/// What is predicted for one batch.
struct PlanItems {
  std::optional<models::Chain> chain = {};  // of a file that can run, with the batch in it
  /// Nodes, and what brings tensors into the dtype; of a file that cannot run, the same for all dtypes, under f32.
  std::map<Dtype, std::vector<planner::Item>> in_dtype = {};
  std::int64_t times = 1;  // batch by which items are multiplied
};

/// A node of the chain, or "reorders", all together: nodes of nobody.
struct NodeMeasured {
  std::string name;
  double predicted = 0, measured = 0, alone = 0;  // seconds; alone: warm
};

/// What a candidate took here.
struct PlanMeasured {
  models::Latency latency = {};
  std::vector<NodeMeasured> nodes = {};
  double sum_alone = 0;                    // of all nodes, each alone and warm
  std::optional<double> other_cores = {};  // that worked for other processes meanwhile
  // Points of the machine file, now / then: before and after the run, and the geometric mean of these.
  std::optional<double> drift_before = {}, drift_after = {}, drift = {};
};

struct PlanReport {
  std::string model;
  Sizes dims = {};                          // that were given
  std::deque<MachineFile> machines = {};    // candidates point into them
  std::map<std::int64_t, PlanItems> items;  // by batch
  std::string unfused;                      // why predictions are of the file's own nodes
  std::string in_caches = {};               // why times may be shorter than predicted
  std::shared_ptr<const models::LanguageModel> language =
      {};                                      // that the kernels which generate run
  models::Phase phase = {};                    // of it, batch 1
  std::vector<planner::Candidate> candidates;  // ranked
  std::vector<PlanMeasured> measured = {};     // by candidate; empty: not checked
  std::vector<std::string> changes;            // a line a machine
  planner::Target target;
  std::int64_t tokens = 0;     // of an inference, of a language model; 0: of none
  double cache = 0;            // keys and values of all its layers, elements of a sequence
  double activation_peak = 0;  // elements, of batch 1; 0: not known
  bool prices = false;
};

std::string plan_text(const PlanReport& report);
std::string plan_csv(const PlanReport& report);
std::string plan_json(const PlanReport& report);

/// Why the first candidate gives this node the time it does. Throws BadInput naming nodes when there
/// is none of that name.
std::string why_text(const PlanReport& report, const std::string& node);

}  // namespace flopmeter
