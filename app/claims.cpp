// flopmeter claims: what published guides state, held against the measurement.
#include "embedded/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/read_file.h"
#include "app/subcommands.h"
#include "kernels/bad_input.h"
#include "validate/claims/report.h"

namespace flopmeter {
namespace {

struct ClaimsOptions {
  std::string file;
  std::vector<std::string> sources;
  std::vector<std::string> ids;
  bool json = false;
  bool markdown = false;
};

claims::Claims read(const ClaimsOptions& options) {
  if (options.file.empty()) {
    return claims::read_claims(embedded::claims(), "claims.json");
  }
  const std::optional<std::string> text = read_file(options.file);
  if (!text) {
    bad_input("cannot read claims file '{}'", options.file);
  }
  return claims::read_claims(*text, options.file);
}

/// Throws BadInput when a wanted name is none of the claims'.
void check_known(const std::vector<std::string>& wanted, const claims::Claims& all,
                 std::string claims::Claim::*member, std::string_view what) {
  std::string known;
  for (const claims::Claim& claim : all.claims) {
    if (known.find(claim.*member + ",") == std::string::npos) {
      known += claim.*member + ", ";
    }
  }
  for (const std::string& name : wanted) {
    if (std::ranges::find(all.claims, name, member) == all.claims.end()) {
      bad_input("unknown {} '{}': one of {}", what, name, known.substr(0, known.rfind(',')));
    }
  }
}

bool selected(const std::vector<std::string>& wanted, const std::string& name) {
  return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
}

/// A wrong claim is a finding about the guide, not a failure: the exit code stays 0.
int run_claims(const ClaimsOptions& options) {
  claims::Claims all = read(options);
  check_known(options.sources, all, &claims::Claim::source, "source");
  check_known(options.ids, all, &claims::Claim::id, "claim");
  std::erase_if(all.claims, [&](const claims::Claim& claim) {
    return !selected(options.sources, claim.source) || !selected(options.ids, claim.id);
  });
  const claims::Report report{all.sources, claims::judge_all(all.claims)};
  fmt::print("{}", options.json       ? claims::to_json(report)
                   : options.markdown ? claims::to_markdown(report)
                                      : claims::to_text(report));
  return 0;
}

}  // namespace

void add_claims(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("claims", "Are the formulas and numbers of guides true?");
  const auto options = std::make_shared<ClaimsOptions>();
  auto* json = command->add_flag("--json", options->json, "an array of objects");
  command->add_flag("--markdown", options->markdown, "a page")->excludes(json);
  command->add_option("--claims", options->file, "claims of your own, see docs/claims.md");
  command->add_option("--source", options->sources, "only these guides");
  command->add_option("--id", options->ids, "only these claims");
  command->footer(
      "A refuted formula is a finding about the guide: the exit code is 0 whatever the verdicts,\n"
      "and 2 for a file or formula that cannot be read.\n"
      "Examples:\n  flopmeter claims --source S3\n  flopmeter claims --claims mine.json --json");
  command->callback([options, &exit_code] { exit_code = run_claims(*options); });
}

}  // namespace flopmeter
