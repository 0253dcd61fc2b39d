// What `model --time --json` says alike of ONNX networks and of language models.
#pragma once

#include <nlohmann/json.hpp>

#include "models/chain/run_times.h"

namespace flopmeter {

/// NaN and infinity are null.
nlohmann::json finite_json(double value);

/// The latency of whole runs: seconds, and how many there were.
nlohmann::json latency_json(const models::Latency& latency);

/// The row of reading the clock between the nodes.
nlohmann::json clock_json(double seconds);

}  // namespace flopmeter
