// Judgements as text for people.
#include "validate/claims/report.h"

namespace flopmeter::claims {

std::string to_text(const Report& report) {
  std::string text;
  const auto on_source = [&](const std::string& id) {
    const std::string kind = kind_of(report, id);
    text += fmt::format("{}{}{}\n", text.empty() ? "" : "\n", id.empty() ? "no source" : id,
                        kind.empty() ? "" : "  " + kind);
  };
  const auto on_judgement = [&](const Judgement& judgement) {
    text += fmt::format("\n  {}  {}: {}\n", judgement.claim->id, judgement.claim->layer,
                        statement(*judgement.claim));
    text += fmt::format("    verdict   {}\n", judgement.verdict());
    for (const Worked& worked : judgement.examples) {
      text += fmt::format("    number    {}: {}\n", worked.evidence(), worked.verdict());
    }
    for (const Finding& finding : judgement.findings) {
      const std::string how = describe(finding.measure);
      text +=
          fmt::format("    evidence  {}{}\n", how.empty() ? "" : how + ": ", evidence_of(finding));
    }
    if (judgement.approximation) {
      text += fmt::format("    evidence  {}\n", evidence_of(*judgement.approximation));
    }
    if (judgement.flop2_by_definition) {
      text += "    evidence  convention flop2 is 2 x MAC by definition\n";
    }
  };
  walk(report, on_source, on_judgement);
  return fmt::format("{}\n{}\n", text, summary(report));
}

}  // namespace flopmeter::claims
