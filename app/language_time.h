// flopmeter model FILE --time of a language model: prefill or decode behind a cache.
#pragma once

#include <string>
#include <vector>

#include "app/model_time.h"
#include "models/model.h"

namespace flopmeter {

/// Prints the table or JSON object of each set. 1 where --check finds a disagreement, else 0. Throws BadInput.
int time_language_model(const std::string& path, const std::vector<models::ModelOptions>& sets,
                        const TimeOptions& options);

}  // namespace flopmeter
