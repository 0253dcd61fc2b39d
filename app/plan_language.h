// Candidates of language models, from what the kernels that generate took on the machine.
#pragma once

#include <string>
#include <vector>

#include "app/plan.h"

namespace flopmeter {

/// What is asked for. Of types and threads none: all that the machine has.
struct LanguageChoice {
  std::vector<std::string> dtypes;  // what weights are stored in
  std::vector<int> threads;
  std::vector<int> batches{1};
};

/// A language model that the kernels which generate run; null, with the reason, where they do not.
void find_language(PlanReport& report, const std::string& path,
                   const models::ModelOptions& options);

/// False where the machine has no points of language models.
bool add_language_candidates(PlanReport& report, const LanguageChoice& chosen,
                             const MachineFile& file);

}  // namespace flopmeter
