// flopmeter model FILE --time: the network runs, and where its time goes.
#pragma once

#include <string>
#include <vector>

#include "bench/shard.h"
#include "models/model.h"

namespace flopmeter {

/// What is asked for beside the dimensions.
struct TimeOptions {
  std::vector<int> threads{1};
  std::string dtype = "f32";
  bool dtype_given = false;
  std::string cache_dtype = {};  // of language models; empty: as the weights ask for
  std::string trace;             // a file; empty: none
  double seconds = 2;            // of runs for each number of threads, at the least
  bool check = false, json = false;
  int instances = 0;                // copies on cores of their own; 0: none
  double arrivals = 0;              // runs a second that arrive there; 0: 0.7 of what they reach
  bool alone = false;               // also each node alone and warm
  bool executed = false;            // also the machine code of each node in place
  std::int64_t limit = 0;           // of nodes of more MACs it is not counted
  std::string output;               // a file of results that gets a row for each; empty: none
  bool resume = false;              // go on with it
  std::vector<std::string> inputs;  // NAME=VALUE, as they were asked for
  std::string dump;                 // a folder for inputs and results; empty: none
  Shard shard;                      // of the sets and numbers of threads
};

/// Prints the table or JSON object of each set of dimensions and batch. 1 where --check finds a disagreement,
/// else 0. Throws BadInput.
int time_model(const std::string& path, const std::vector<models::ModelOptions>& models,
               const TimeOptions& options);

}  // namespace flopmeter
