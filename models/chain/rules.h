// The table of fusion rules.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "models/chain/draft.h"

namespace flopmeter::models {

/// What is looked for, what it becomes, and when; docs/networks.md is made of it. `apply` tries it at step
/// `i`, and is false where nothing was done.
struct Rule {
  std::string_view name, pattern, becomes, condition;
  bool (*apply)(Draft& draft, std::size_t i);
};

/// In the order in which they are tried, over all steps each, until none applies.
std::span<const Rule> rules();
std::span<const Rule> eight_bit_rules();  // of 8-bit steps in the file, for s8 alone
std::span<const Rule> function_rules();   // of primitives that are one function
std::span<const Rule> result_rules();     // of what is done to a result

/// The table as Markdown.
std::string rules_markdown();

}  // namespace flopmeter::models
