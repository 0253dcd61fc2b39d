// What a report is about: the contents of several result files, merged. However many rows there are, only those that
// are drawn are held whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/read_results.h"
#include "results/words.h"

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

/// Of a row what is asked of all rows, be they drawn or not. Names as in Record; texts are words of the data.
struct BriefRow {
  std::uint32_t environment = 0;  // an index into ReportData::environments
  std::uint32_t file = 0;         // into ReportData::files
  LinePlace place = {};           // in that file
  Word layer, pass, backend, dtype, shape, label, cache, status, bound, convention, memory_level;
  Word name;  // what the record's name has besides layer/pass/backend/dtype/shape: mostly nothing
  std::optional<std::int32_t> threads;
  std::optional<std::int64_t> flops;
  std::optional<double> seconds;
  double least = 0, most = 0;  // of the samples, s; 0: there are none
  std::optional<float> spread, gflops, peak_gflops, roof_gbytes_per_second, percent_of_attainable;
};

/// A row that is drawn.
struct ReportRow {
  std::size_t environment = 0;  // an index into ReportData::environments
  Record record = {};
  std::size_t index = 0;  // into ReportData::all
};

struct ReportData {
  std::vector<std::string> files;
  std::vector<MeasuredOn> environments;
  std::deque<BriefRow> all;
  std::vector<ReportRow> rows;  // all of them, or as many as a page draws
  std::vector<FormulaRow> formulas;
  std::vector<ClaimRow> claims;
  std::size_t machines_left_out = 0, rows_left_out = 0;  // what neither `all` nor `rows` have
  std::shared_ptr<Words> words = std::make_shared<Words>();
};

/// How much of the files is shown.
struct ReportLimits {
  std::size_t rows = 1000;   // that are drawn
  std::size_t machines = 6;  // environments, those with most rows
};
inline constexpr ReportLimits no_limits{std::numeric_limits<std::size_t>::max(),
                                        std::numeric_limits<std::size_t>::max()};

/// All files as one, in their order. Of several rows for one environment, case, threads and cache
/// the last one counts and stands where the first one stood; of several verdicts on one layer and
/// pass, or on one claim, too. Those do not depend on the machine, so neither on the environment.
/// Where there are more rows than `limits` allows, those are drawn that lie evenly between the slowest and the fastest
/// against their roof, of each layer, backend, dtype, pass, number of threads, cache and environment; and some that are
/// not ok.
ReportData merge(std::span<const SourceFile> files, const ReportLimits& limits = {});

/// The same of files that are read row by row, those to be drawn once more. Throws CannotRead.
ReportData read_report(std::span<const std::string> paths, const ReportLimits& limits = {});

/// What a page says where it does not draw all rows; empty where it does.
std::string left_out_text(const ReportData& data);

/// Whether the row has a time, be it steady or not. Of a Record or a BriefRow.
template <class Row>
bool timed(const Row& row) {
  return row.seconds && *row.seconds > 0;
}

/// "A": environments are told apart by letters, in the order of the files.
std::string letter(std::size_t environment);

/// The threads and cache it was measured with: "1 thread, warm".
std::string setting_of(std::optional<std::int64_t> threads, const std::string& cache);

template <class Row>
std::string setting(const Row& row) {
  return setting_of(row.threads, row.cache);
}

/// The label, and the shape where there is none.
template <class Row>
std::string short_name(const Row& row) {
  return row.label.empty() ? row.shape : row.label;
}

/// The name of the record.
std::string full_name(const BriefRow& row);

/// At most so many of these places, evenly, the first and the last among them.
std::vector<std::size_t> evenly(std::span<const std::size_t> places, std::size_t most);

}  // namespace flopmeter::report
