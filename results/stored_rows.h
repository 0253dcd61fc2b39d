// What a line of a results file is about, read from its JSON alone: for commands that pass lines on, or count them,
// and need no Record.
#pragma once

#include <initializer_list>
#include <string>

#include "results/json.h"
#include "results/result_lines.h"

namespace flopmeter {

/// The value of a key as text; empty where there is none.
std::string text_at(const Json& json, const char* key);

/// "key value, key value".
std::string joined(const Json& json, std::initializer_list<const char*> keys);

/// Of an environment: CPU, instruction sets and the variables that steer kernels.
std::string kind_of_machine(const Json& environment);

/// Of a record: name, threads and caches.
std::string case_of(const ResultLine& record);

}  // namespace flopmeter
