// What `flopmeter compare` says, as text, as Markdown and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "bench/compare/comparison.h"

namespace flopmeter {

/// One comparison with what it is about.
struct CompareReport {
  std::string a;  // the file's name
  std::string b;  // the same again where one file is compared within
  std::optional<compare::By> by;
  compare::Settings settings;
  compare::Pairing pairing;
  compare::Comparison comparison;
};

/// Tables and their legend, for terminals.
std::string to_text(const CompareReport& report);

/// The same as a page.
std::string to_markdown(const CompareReport& report);

/// One object: inputs, settings, differences, between_runs, groups, cases, unpaired.
nlohmann::ordered_json to_json(const CompareReport& report);

/// The case with what its row was measured at: "linear/forward/eigen/f32/mb1ic2oc3/threads:2". A
/// field that the two sides differ in is that of `a`.
std::string title(const Record& record);

}  // namespace flopmeter
