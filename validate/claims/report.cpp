#include "validate/claims/report.h"

#include <algorithm>

namespace flopmeter::claims {

std::string statement(const Claim& claim) {
  if (claim.formula.empty()) {
    return claim.quantity == "definition" ? claim.says : claim.quantity;
  }
  if (claim.relation == "between") {
    return fmt::format("{} <= {} <= {}", claim.formula, claim.quantity, claim.upper);
  }
  return fmt::format("{} {} {}", claim.quantity, claim.relation == "equals" ? "=" : "~",
                     claim.formula);
}

std::string kind_of(const Report& report, const std::string& source) {
  const auto found = std::ranges::find(report.sources, source, &Source::id);
  return found == report.sources.end() ? "" : found->kind;
}

void walk(const Report& report, const std::function<void(const std::string&)>& on_source,
          const std::function<void(const Judgement&)>& on_judgement) {
  std::vector<std::string> seen;
  for (const Judgement& first : report.judgements) {
    const std::string& source = first.claim->source;
    if (std::ranges::find(seen, source) != seen.end()) {
      continue;
    }
    seen.push_back(source);
    on_source(source);
    for (const Judgement& judgement : report.judgements) {
      if (judgement.claim->source == source) {
        on_judgement(judgement);
      }
    }
  }
}

std::string summary(const Report& report) {
  const auto count = [&](auto test) { return std::ranges::count_if(report.judgements, test); };
  const auto held = [&](Held wanted) {
    return count([&](const Judgement& j) {
      return !j.findings.empty() && j.findings[j.chosen].held == wanted;
    });
  };
  const auto printed = [&](bool matches) {
    return count([&](const Judgement& j) {
      return !j.examples.empty() && j.shown_example()->example->states &&
             j.shown_example()->matches() == matches;
    });
  };
  return fmt::format(
      "{} claims. Formulas: {} exact, {} exact under conditions, {} approximate, {} "
      "refuted. Claims with worked numbers: {} match, {} misprinted.",
      report.judgements.size(), held(Held::exact), held(Held::exact_when), held(Held::approximate),
      held(Held::refuted), printed(true), printed(false));
}

}  // namespace flopmeter::claims
