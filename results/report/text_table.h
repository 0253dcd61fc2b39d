// A table of a report as text for terminals, as CSV and as Markdown.
#pragma once

#include <string>

#include "results/report/section.h"

namespace flopmeter::report {

/// Columns aligned, numbers to the right, two spaces between.
std::string to_text(const TextTable& table);

/// RFC 4180 with \n; a number at full precision, what is not known empty.
std::string to_csv(const TextTable& table);

/// Headings and rows, escaped; no more than `most_rows`, of which a line says how many are left out.
std::string to_markdown(const TextTable& table, std::size_t most_rows);

}  // namespace flopmeter::report
