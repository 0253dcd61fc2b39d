// What `flopmeter compare` says, as text, as Markdown and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/compare/comparison.h"

namespace flopmeter {

/// A case that is not compared.
struct Unpaired {
  std::string title, reason;
};

/// One comparison with what it is about.
struct CompareReport {
  std::string a;  // the file's name
  std::string b;  // the same again where one file is compared within
  std::optional<compare::By> by;
  compare::Settings settings;
  std::vector<compare::Difference> differences = {};
  compare::Comparison comparison = {};
  std::vector<Unpaired> unpaired = {};
};

/// Tables and their legend, for terminals.
std::string to_text(const CompareReport& report);

/// The same as a page.
std::string to_markdown(const CompareReport& report);

/// Prints one object: inputs, settings, differences, between_runs, groups, cases, unpaired. Case by case, as there may
/// be more than a tree of JSON could hold.
void print_json(const CompareReport& report);

}  // namespace flopmeter
