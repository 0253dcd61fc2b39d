#include "app/run_json.h"

#include <cmath>

namespace flopmeter {

nlohmann::json finite_json(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

nlohmann::json latency_json(const models::Latency& latency) {
  return {{"latency_seconds", latency.median},
          {"latency_interval_seconds", {latency.low, latency.high}},
          {"latency_blocks", latency.blocks},
          {"latency_p90_seconds", latency.p90},
          {"latency_p99_seconds", latency.p99},
          {"mean_seconds", latency.mean},
          {"runs", latency.runs}};
}

nlohmann::json clock_json(double seconds) {
  return {{"name", "clock"},
          {"kind", "clock"},
          {"layer", "clock"},
          {"shape", ""},
          {"fused", nlohmann::json::array()},
          {"seconds", seconds},
          {"bound", "overhead"}};
}

}  // namespace flopmeter
