// Records as a Markdown table of the fields that have a heading.
#pragma once

#include <span>
#include <string>

#include "results/record.h"

namespace flopmeter {

/// Heading and alignment, two lines.
std::string markdown_header();

/// One line. Numbers that were not measured are "-".
std::string markdown_row(const Record& record);

/// Header and rows.
std::string markdown(std::span<const Record> records);

}  // namespace flopmeter
