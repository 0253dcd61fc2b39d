// The summary of `flopmeter exec`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/exec_report.h"

namespace flopmeter {

/// `top`: how many functions and modules.
std::string to_text(const ExecReport& report, std::size_t top);
nlohmann::json to_json(const ExecReport& report, std::size_t top);

}  // namespace flopmeter
