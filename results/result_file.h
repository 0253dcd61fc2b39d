// The file that results are kept in: JSON Lines, appended to, never overwritten. A row is on disk
// before the next case starts, and an interrupted run is taken up where it stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "results/environment.h"
#include "results/machine.h"
#include "results/record.h"
#include "results/verdict.h"

namespace flopmeter {

/// The file cannot be written, or must not be. One line that names it and says what to do.
struct CannotWrite : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One open file. It is locked, so that two runs cannot mix their lines.
class ResultFile {
 public:
  /// Opens or creates the file and writes the environment, unless the last one in it is the same.
  /// Without `resume` a file that holds something is refused; with it, a last line that was cut off
  /// is removed. Throws CannotWrite; CannotRead when `resume` finds something else than results.
  ResultFile(std::filesystem::path path, const Environment& environment, bool resume);
  ~ResultFile();
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;

  /// Writes one row. It is on disk when this returns. Throws CannotWrite; the file then holds what
  /// it held before.
  void append(const Record& record);
  void append(const Machine& machine);
  void append(const FormulaRow& row);
  void append(const ClaimRow& row);

  /// Whether the file answers this case in this environment: with a status of ok, unavailable or
  /// failed. Noisy and mistrusted rows are worth another try.
  bool has(std::string_view name, std::optional<std::int64_t> threads,
           std::string_view cache) const;

  /// The rows of this environment that the file held when it was opened; of several about one case
  /// the last.
  std::span<const Record> resumed() const { return resumed_; }

  /// What it held of formulas in this environment; of several about one layer and pass the last.
  std::span<const FormulaRow> formulas() const { return formulas_; }

  /// The last machine of this environment that the file held when it was opened.
  const std::optional<Machine>& machine() const { return machine_; }

  /// Whether it held claims of this environment.
  bool has_claims() const { return has_claims_; }

 private:
  using Key = std::tuple<std::string, std::optional<std::int64_t>, std::string>;

  void open(bool resume);
  bool take_up();
  void write(std::string_view text);
  void remember(const Record& record);
  [[noreturn]] void fail(std::string_view reason) const;

  std::filesystem::path path_;
  std::string fingerprint_;
  int descriptor_ = -1;
  std::set<Key> answered_;
  std::vector<Record> resumed_;
  std::vector<FormulaRow> formulas_;
  std::optional<Machine> machine_;
  bool has_claims_ = false;
};

}  // namespace flopmeter
