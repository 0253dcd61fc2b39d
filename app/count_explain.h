// What `flopmeter count --explain` says: the calculation on paper, then the four counts in a sentence
// each.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/case.h"

namespace flopmeter {

/// Runs the kernels as count_problem does, f32, up to `mac_limit`. Throws CountOverflow.
std::string explained_text(const Problem& problem, Pass pass, std::int64_t mac_limit);

/// The same in Markdown, formulas in LaTeX. It says nothing of machine code, so that every machine
/// writes the same page.
std::string explained_markdown(const Problem& problem, Pass pass, std::int64_t mac_limit);

}  // namespace flopmeter
