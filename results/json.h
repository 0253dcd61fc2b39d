// Records, environments and what else a run found as JSON, and as the lines of a JSON Lines file.
// Keys keep the order of the field lists.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "results/environment.h"
#include "results/machine.h"
#include "results/record.h"
#include "results/verdict.h"

namespace flopmeter {

using Json = nlohmann::ordered_json;

/// Every field under its key. What was not measured, NaN and infinity are null.
Json to_json(const Record& record);
Json to_json(const Environment& environment);
/// Its lists are arrays under "caches", "clock", "throughput", "bandwidth", "latency", "ridges".
Json to_json(const Machine& machine);
Json to_json(const FormulaRow& row);
Json to_json(const ClaimRow& row);

/// The inverse. Keys that are absent, null or unknown are passed over, so that results of other
/// versions can be read. Throw std::invalid_argument naming a key with a value of another type.
Record record_from_json(const Json& json);
Environment environment_from_json(const Json& json);
Machine machine_from_json(const Json& json);
FormulaRow formula_from_json(const Json& json);
ClaimRow claim_from_json(const Json& json);

/// One line with its newline. Bytes that are not UTF-8 become U+FFFD.
std::string json_line(const Json& json);

/// {"type":"environment","fingerprint":...} and all fields; the first line of a file.
std::string environment_line(const Environment& environment);

/// {"type":"record","environment":...} and all fields. `environment` is the fingerprint.
std::string record_line(const Record& record, std::string_view environment);

/// {"type":"machine","environment":...} and all lists. `environment` is the fingerprint.
std::string machine_line(const Machine& machine, std::string_view environment);

/// {"type":"formula","environment":...} or {"type":"claim",...} and all fields.
std::string formula_line(const FormulaRow& row, std::string_view environment);
std::string claim_line(const ClaimRow& row, std::string_view environment);

}  // namespace flopmeter
