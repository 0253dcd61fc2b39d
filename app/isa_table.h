// The rows of `flopmeter isa` as people read them.
#pragma once

#include <string>
#include <vector>

#include "app/isa_row.h"

namespace flopmeter {

/// Headings and a line an instruction set; what has no numbers says why. Below it what is
/// remarkable about the numbers: noise, and why they were not counted.
std::string isa_table(const std::vector<IsaRow>& rows);

/// What the columns mean.
std::string isa_legend();

/// Which instruction set is how much faster than the narrowest that was timed, in one line; empty
/// where fewer than two were.
std::string isa_verdict(const std::vector<IsaRow>& rows);

}  // namespace flopmeter
