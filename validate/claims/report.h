// Judgements as text, JSON and a Markdown page.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "results/verdict.h"
#include "validate/claims/verdict.h"

namespace flopmeter::claims {

/// What was judged. `sources` name the guides.
struct Report {
  std::vector<Source> sources;
  std::vector<Judgement> judgements;
};

/// By guide: verdict, numbers and evidence of each claim.
std::string to_text(const Report& report);
/// An array of objects with at least id, verdict, measured, stated and evidence.
std::string to_json(const Report& report);
/// The page docs/claims.md.
std::string to_markdown(const Report& report);

/// What is stored of a judgement.
ClaimRow row(const Judgement& judgement);

/// One line: how many formulas hold, need conditions or are refuted, how many numbers are
/// misprinted.
std::string summary(const Report& report);

/// "macs = C_in*C_out", "flops ~ 2*macs", or "macs" where the guide gives only a number.
std::string statement(const Claim& claim);

/// What kind of guide the source is; empty when the file does not say.
std::string kind_of(const Report& report, const std::string& source);

/// Calls back for each guide, in the order of its first claim, and for each of its claims.
void walk(const Report& report, const std::function<void(const std::string&)>& on_source,
          const std::function<void(const Judgement&)>& on_judgement);

}  // namespace flopmeter::claims
