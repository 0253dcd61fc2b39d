// The option --filter: a regular expression on what a case is called.
#pragma once

#include <regex>
#include <string>
#include <string_view>

namespace flopmeter {

/// Throws BadInput when it is no regular expression.
std::regex parse_filter(const std::string& filter);

/// Whether the name or the label has it; "name label" is what is searched.
bool passes(const std::regex& filter, std::string_view name, std::string_view label);

}  // namespace flopmeter
