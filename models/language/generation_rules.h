// Which nodes of a language model are one node of its run.
#pragma once

#include <span>
#include <string_view>

namespace flopmeter::models {

/// docs/language_models.md has the table, which a test holds.
struct GenerationRule {
  std::string_view pattern, becomes, condition;
};
std::span<const GenerationRule> generation_rules();

}  // namespace flopmeter::models
