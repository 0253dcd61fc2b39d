// Executed counts beside the formula, as `count`, `validate` and `bench` show them.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "results/record.h"
#include "validate/executed/account.h"

namespace flopmeter {

/// The keys are those of docs/counting.md; {unavailable: reason} where there is no count.
nlohmann::json to_json(const Account& account);

/// "1.5247 = ...; FMA share 100.0 %, 0.12 instructions a MAC, lane use 98.4 %", or
/// "unavailable: reason". No line break.
std::string executed_line(const Account& account);

/// A table of the backends of one problem, with a second column where masks hide lanes; below it a
/// line each.
std::string executed_text(std::span<const Account> accounts);

/// Fills the fields `executed...` of a row.
void set_executed(Record& record, const Account& account);

}  // namespace flopmeter
