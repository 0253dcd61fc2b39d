// flopmeter model FILE --time: the network runs, and where its time goes.
#pragma once

#include <string>
#include <vector>

#include "models/model.h"

namespace flopmeter {

/// What is asked for beside the dimensions.
struct TimeOptions {
  std::vector<int> threads{1};
  std::string dtype = "f32";
  std::string trace;   // a file; empty: none
  double seconds = 2;  // of runs for each number of threads, at the least
  bool check = false, json = false;
};

/// Prints the table or JSON object. 1 where --check finds a disagreement, else 0. Throws BadInput.
int time_model(const std::string& path, const models::ModelOptions& model,
               const TimeOptions& options);

}  // namespace flopmeter
