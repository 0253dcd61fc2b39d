// What a report is about: the contents of several result files, merged.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/read_results.h"

namespace flopmeter::report {

/// A file as it was read. `name` is what messages and the report call it.
struct SourceFile {
  std::string name;
  StoredResults results;
};

/// One environment of all files: what its rows have in common and nothing else has.
struct MeasuredOn {
  std::string fingerprint;
  Environment environment;
  std::optional<Machine> machine;  // the last one
  std::vector<std::string> files;  // that mention it
};

struct ReportRow {
  std::size_t environment = 0;  // an index into ReportData::environments
  Record record;
};

struct ReportData {
  std::vector<std::string> files;
  std::vector<MeasuredOn> environments;
  std::vector<ReportRow> rows;
  std::vector<FormulaRow> formulas;
  std::vector<ClaimRow> claims;
};

/// All files as one, in their order. Of several rows for one environment, case, threads and cache
/// the last one counts and stands where the first one stood; of several verdicts on one layer and
/// pass, or on one claim, too. Those do not depend on the machine, so neither on the environment.
ReportData merge(std::span<const SourceFile> files);

/// Whether the row has a time, be it steady or not.
bool timed(const Record& record);

/// "A": environments are told apart by letters, in the order of the files.
std::string letter(std::size_t environment);

/// The case with the threads and cache it was measured with: "1 thread, warm".
std::string setting(const Record& record);

/// The label, and the shape where there is none.
std::string short_name(const Record& record);

}  // namespace flopmeter::report
