// What `flopmeter machine` shows.
#pragma once

#include <string>

#include "results/environment.h"
#include "results/json.h"
#include "results/machine.h"

namespace flopmeter {

/// Tables for people: what the machine is, its clock, throughput and, where they were measured,
/// caches, bandwidth, latency and ridge points.
std::string machine_text(const Machine& machine, const Environment& environment);

/// {"schema":1,"environment":{...}} and the machine's fields and lists (docs/machine.md).
Json machine_json(const Machine& machine, const Environment& environment);

}  // namespace flopmeter
