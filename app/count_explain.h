// What `flopmeter count --explain` says: the calculation on paper, then the four counts in a sentence
// each.
#pragma once

#include <cstdint>
#include <string>

#include "app/count_report.h"

namespace flopmeter {

std::string explained_text(const CountReport& report);

/// The same in Markdown, formulas in LaTeX. It says nothing of machine code, so that every machine
/// writes the same page. Counts the definition up to `mac_limit`. Throws CountOverflow.
std::string explained_markdown(const Problem& problem, Pass pass, std::int64_t mac_limit);

}  // namespace flopmeter
