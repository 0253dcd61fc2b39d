// What people open a report for, in five lines: the page, Markdown and the end of `run` show the same.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// The rows of one environment that findings are about, so that no line mixes what is not comparable.
struct FindingRows {
  /// Of dtype, pass, threads and cache those with the most timed rows: "f32 forward, 1 thread, warm".
  std::string setting;
  std::vector<std::size_t> all;      // the timed rows of that setting: indices into ReportData::all
  std::vector<std::size_t> fastest;  // of them: the fastest backend of each layer's shape
};

/// One line, in the words that the page, Markdown and the terminal have in common.
struct Finding {
  std::string topic;     // "fastest"
  std::string headline;  // "conv2d 89.1 % of its roof"
  std::string detail;    // "then matmul 85.0 %, linear 84.2 %"
};

FindingRows finding_rows(const ReportData& data, std::size_t environment);

/// Always the same five topics: fastest and slowest layer type against its roof, what bounds most of
/// the time, formulas refuted, noise. What the files do not hold is said, with the command that would
/// measure it. A layer type's share of its roof is the time that its cases need under their roofs over
/// the time that they took, steady rows alone, each case by its fastest backend.
std::vector<Finding> findings(const ReportData& data, std::size_t environment);

/// "Intel(R) Xeon(R) Processor, 2 cores, AMX, KVM; f32 peak 225.0 GFLOPS on 1 core, 448.1 on 2; ...":
/// what is known of it.
std::string machine_line(const ReportData& data, std::size_t environment);

/// The machine and its findings as lines for a terminal, one block an environment.
std::string findings_text(const ReportData& data);

}  // namespace flopmeter::report
