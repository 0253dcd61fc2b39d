// Whether a loop executes what its table says, before any time of it is believed.
#pragma once

#include <string>

#include "bench/experiments/fma/mac_code.h"

namespace flopmeter {

/// What `passes` passes executed, without entering and leaving the loop. Throws what
/// executed::Counter does.
executed::Totals executed_by(const MacCode& code, MacState& state, std::int64_t passes);

/// In one line where executed and expected totals differ; empty: nowhere.
std::string difference(const executed::Totals& executed, const executed::Totals& expected);

}  // namespace flopmeter
