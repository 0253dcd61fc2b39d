// Where `flopmeter bench` writes its rows: all of these at once, row by row.
#pragma once

#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/environment.h"
#include "results/record.h"
#include "results/result_file.h"
#include "results/table.h"
#include "results/verdict.h"

namespace flopmeter {

/// What is printed while cases run.
enum class StandardOutput { table, json_lines, nothing };

/// Files, empty where not asked for.
struct OutputPaths {
  std::string results = {};   // JSON Lines, appended to
  std::string csv = {};       // overwritten
  std::string markdown = {};  // overwritten
  bool resume = false;        // continue `results`
};

class BenchOutput {
 public:
  /// Opens the files. Throws BadInput or CannotWrite.
  BenchOutput(const OutputPaths& paths, StandardOutput standard_output);

  /// Whether the file that is resumed answers this already.
  bool answered(const Record& planned) const;

  /// Lays the table out for these rows; its head is printed with the first. Rows that are resumed
  /// and not among them go to the files that are overwritten, and are counted.
  void begin(std::span<const Record> planned);

  /// Writes one row everywhere. It is on disk when this returns.
  void add(const Record& record);

  /// Writes a Machine, FormulaRow or ClaimRow to the results file. It is on disk when this returns.
  template <class Row>
  void store(const Row& row) {
    if (results_) {
      results_->append(row);
    }
  }

  /// What the file that is resumed holds of this environment; null without a file.
  const ResultFile* results() const { return results_ ? &*results_ : nullptr; }

  /// Writes what was resumed and not done anew after all, and prints the legend.
  void end();

  bool any_failed() const;

 private:
  void write_files(const Record& record);
  void print_row(const Record& record);

  Environment environment_;
  StandardOutput standard_output_;
  std::optional<ResultFile> results_;
  std::optional<std::ofstream> csv_;
  std::optional<std::ofstream> markdown_;
  std::optional<Table> table_;
  bool head_printed_ = false;
  std::vector<Record> records_;
  std::vector<Record> waiting_;  // resumed, but to be done anew
};

/// One line: what GFLOPS means, the measured peaks, and how many rows there are of each status.
std::string legend(std::span<const Record> records);

}  // namespace flopmeter
