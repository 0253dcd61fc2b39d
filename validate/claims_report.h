// Judgements as text, JSON and a Markdown page.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "validate/verdict.h"

namespace flopmeter::claims {

/// What was judged, by guide. `sources` name the guides.
struct Report {
  std::vector<Source> sources;
  std::vector<Judgement> judgements;
};

/// One line: how many formulas hold, need conditions or are refuted, how many numbers are misprinted.
std::string summary(const Report& report);

std::string to_text(const Report& report);
/// An array of objects with at least id, verdict, measured, stated and evidence.
std::string to_json(const Report& report);
std::string to_markdown(const Report& report);

}  // namespace flopmeter::claims
