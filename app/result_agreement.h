// How far the results of a network's run are from the truth.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/chain/truth.h"

namespace flopmeter {

struct ResultAgreement {
  std::string name;
  double max_error = 0, tolerance = 0, largest = 0;
  bool agrees = false;
  std::string reason;
  std::string against = "the file's own graph in double";
};

using ResultOf = std::function<std::vector<float>(const std::string& name)>;

/// Element by element. What is not a number in both agrees, and what is infinite in the run where the truth is as well,
/// or beyond the largest number of the run's type; how many there are is said in `against`. What is below the smallest
/// number of the type may be 0.
std::vector<ResultAgreement> compare_results(const std::vector<models::TrueResult>& truth,
                                             const ResultOf& result);

}  // namespace flopmeter
