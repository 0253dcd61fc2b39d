// Records as CSV with the quoting of RFC 4180, all fields at full precision. Lines end in \n.
#pragma once

#include <string>

#include "results/record.h"

namespace flopmeter {

/// One value: in quotes where it has to be.
std::string csv_text(const std::string& text);

/// The keys of all fields.
std::string csv_header();

/// One record. What was not measured is empty; samples are joined by ';'.
std::string csv_row(const Record& record);

}  // namespace flopmeter
