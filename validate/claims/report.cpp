#include "validate/claims/report.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace flopmeter::claims {
namespace {

std::string formula_word(const Judgement& judgement) {
  constexpr std::array<std::string_view, 4> words{"exact", "exact under conditions", "approximate",
                                                  "refuted"};  // in the order of Held
  return judgement.findings.empty()
             ? ""
             : std::string(
                   words.at(static_cast<std::size_t>(judgement.findings[judgement.chosen].held)));
}

std::string numbers_word(const Judgement& judgement) {
  const Worked* const shown = judgement.shown_example();
  if (shown == nullptr || !shown->example->states) {
    return "";
  }
  return shown->matches() ? "match" : "misprinted";
}

}  // namespace

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

ClaimRow row(const Judgement& judgement) {
  const Claim& claim = *judgement.claim;
  return {.id = claim.id,
          .guide = claim.source,
          .statement = fmt::format("{}: {}", claim.layer, statement(claim)),
          .formula = formula_word(judgement),
          .numbers = numbers_word(judgement),
          .verdict = judgement.verdict(),
          .evidence = judgement.evidence()};
}

std::string summary(const Report& report) {
  std::vector<ClaimRow> rows;
  std::ranges::transform(report.judgements, std::back_inserter(rows), row);
  return claim_summary(rows);
}

}  // namespace flopmeter::claims
