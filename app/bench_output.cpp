#include "app/bench_output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "app/retired.h"
#include "bench/library_versions.h"
#include "counters/convention.h"
#include "kernels/bad_input.h"
#include "results/cell.h"
#include "results/csv.h"
#include "results/json.h"
#include "results/markdown.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

std::optional<std::ofstream> open(const std::string& path) {
  if (path.empty()) {
    return std::nullopt;
  }
  std::ofstream file(path);
  if (!file) {
    bad_input("cannot write '{}'", path);
  }
  return file;
}

void write(std::optional<std::ofstream>& file, const std::string& text) {
  if (file && !(*file << text << std::flush)) {
    throw CannotWrite("cannot write a row: is the disk full?");
  }
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw CannotWrite("cannot write standard output");
  }
}

/// Columns of the terminal, or enough for every number where the output is none.
std::size_t terminal_width() {
  winsize size{};
  const bool known = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known ? size.ws_col : 160;
}

/// "117.2 GFLOPS (vfmadd231ps zmm on 1 thread)" for each instruction and number of threads. What
/// integers do are no FLOPs: theirs is in 10^9 operations/s.
std::string peaks(std::span<const Record> records) {
  std::map<std::string, std::vector<double>> measured;
  for (const Record& record : records) {
    if (!record.peak_samples.empty()) {
      const std::string threads =
          record.threads == 1 ? "1 thread" : fmt::format("{} threads", *record.threads);
      measured[fmt::format("{} ({} on {})", record.peak_gflops ? "GFLOPS" : "10^9 operations/s",
                           record.peak_instruction, threads)]
          .push_back(median(record.peak_samples));
    }
  }
  std::string text;
  for (const auto& [name, values] : measured) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", significant(median(values), 4), name);
  }
  return text.empty() ? "not measured" : text;
}

/// Whether there is a row about the same.
bool holds(std::span<const Record> rows, const Record& record) {
  return std::ranges::any_of(rows, [&](const Record& row) {
    return row.name == record.name && row.threads == record.threads && row.cache == record.cache;
  });
}

std::string count_statuses(std::span<const Record> records) {
  constexpr std::array<std::string_view, 5> always_said{"ok", "noisy", "failed", "unavailable",
                                                        "mistrusted"};
  std::string text;
  for (const std::string_view status : always_said) {
    const auto count = std::ranges::count(records, status, &Record::status);
    if (count > 0 || status != "mistrusted") {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, status);
    }
  }
  return text;
}

}  // namespace

BenchOutput::BenchOutput(const OutputPaths& paths, StandardOutput standard_output)
    : environment_(measure_environment(library_versions())), standard_output_(standard_output) {
  if (paths.resume && paths.results.empty()) {
    bad_input("--resume needs the file to continue: give -o FILE");
  }
  if (!paths.results.empty()) {
    results_.emplace(paths.results, environment_, paths.resume);
  }
  csv_ = open(paths.csv);
  markdown_ = open(paths.markdown);
}

bool BenchOutput::answered(const Record& planned) const {
  return results_ && results_->has(planned.name, planned.threads, planned.cache);
}

void BenchOutput::begin(std::span<const Record> planned) {
  write(csv_, csv_header());
  write(markdown_, markdown_header());
  if (standard_output_ == StandardOutput::table) {
    table_.emplace(planned, terminal_width());
  } else if (standard_output_ == StandardOutput::json_lines) {
    print(environment_line(environment_));
  }
  if (results_) {
    for (const Record& record : results_->resumed()) {
      if (holds(planned, record)) {
        waiting_.push_back(record);
      } else {
        write_files(record);
      }
    }
  }
}

void BenchOutput::write_files(const Record& record) {
  write(csv_, csv_row(record));
  write(markdown_, markdown_row(record));
  records_.push_back(record);
}

void BenchOutput::print_row(const Record& record) {
  print((head_printed_ ? "" : table_->header()) + table_->row(record) +
        (record.executed.empty() ? "" : "  executed: " + record.executed + "\n") +
        (record.retired_flops ? "  retired: " + record.retired + "\n" : ""));
  head_printed_ = true;
}

void BenchOutput::add(const Record& record) {
  if (results_) {
    results_->append(record);
  }
  write_files(record);
  if (table_) {
    print_row(record);
  } else if (standard_output_ == StandardOutput::json_lines) {
    print(record_line(record, fingerprint(environment_)));
  }
}

void BenchOutput::end() {
  for (const Record& record : waiting_) {
    if (!holds(records_, record)) {
      write_files(record);
    }
  }
  waiting_.clear();
  if (table_) {
    print(legend(records_) + retired_absence(records_));
  }
}

bool BenchOutput::any_failed() const {
  return std::ranges::find(records_, "failed", &Record::status) != records_.end();
}

std::string legend(std::span<const Record> records) {
  const bool without_macs = std::ranges::any_of(records, [](const Record& record) {
    return record.convention.starts_with(find_convention("exact").name);
  });
  return fmt::format(
      "GFLOPS: 2 x MAC without taps in the padding{}, 10^9 a second; peak: {}; rows: {}\n",
      without_macs
          ? fmt::format(" (flop2), or without MACs {} (exact)", find_convention("exact").rule)
          : "",
      peaks(records), count_statuses(records));
}

}  // namespace flopmeter
