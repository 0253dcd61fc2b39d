// Reading result files back: to resume a run and to report on it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "results/environment.h"
#include "results/machine.h"
#include "results/record.h"
#include "results/result_lines.h"
#include "results/verdict.h"

namespace flopmeter {

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

/// Puts a line in its place; lines of unknown types are passed over. Throws std::invalid_argument.
void add_line(StoredResults& results, const ResultLine& line);

/// Reads a JSON Lines file. A last line that was cut off while it was written is passed over, lines
/// of unknown types too. Throws CannotRead with the number of a line that cannot be read.
StoredResults read_results(const std::filesystem::path& path);

/// The same for text; `origin` names it in messages.
StoredResults parse_results(std::string_view text, std::string_view origin);

}  // namespace flopmeter
