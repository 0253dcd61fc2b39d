// The results of `flopmeter fma` as lines of JSON.
#pragma once

#include "bench/experiments/fma/experiment.h"
#include "results/json.h"

namespace flopmeter {

/// {"type":"loop"}: what it executes and its times; null where it was not timed.
Json to_json(const LoopResult& result);

/// {"type":"answer"} of one width.
Json to_json(const Answer& answer);

}  // namespace flopmeter
