// Reading result files back: to resume a run and to report on it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/environment.h"
#include "results/machine.h"
#include "results/record.h"
#include "results/verdict.h"

namespace flopmeter {

/// The file is absent, unreadable or holds something else. One line that names it.
struct CannotRead : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct StoredEnvironment {
  std::string fingerprint;
  Environment environment;
};

/// A line that belongs to an environment.
template <class Row>
struct Stored {
  std::string environment;  // its fingerprint
  Row row;
};

/// What a file holds, in its order.
struct StoredResults {
  std::vector<StoredEnvironment> environments;
  std::vector<Stored<Record>> records;
  std::vector<Stored<Machine>> machines;
  std::vector<Stored<FormulaRow>> formulas;
  std::vector<Stored<ClaimRow>> claims;
  std::size_t complete_bytes = 0;  // up to the end of the last complete line
  bool ends_in_newline = true;     // that line does
};

/// Reads a JSON Lines file. A last line that was cut off while it was written is passed over, lines
/// of unknown types too. Throws CannotRead with the number of a line that cannot be read.
StoredResults read_results(const std::filesystem::path& path);

/// The same for text; `origin` names it in messages.
StoredResults parse_results(std::string_view text, std::string_view origin);

}  // namespace flopmeter
