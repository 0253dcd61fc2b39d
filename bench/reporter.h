// Google Benchmark's reporter interface: where it says that a case is finished.
#pragma once

#include <benchmark/benchmark.h>

#include <memory>
#include <sstream>
#include <string_view>

#include "bench/session.h"

namespace flopmeter {

/// Google Benchmark's own reporter of that format, to stdout; null for "".
std::unique_ptr<benchmark::BenchmarkReporter> make_display(std::string_view format);

/// Finishes the session's cases and forwards to `display`, if any.
class Reporter : public benchmark::BenchmarkReporter {
 public:
  Reporter(Session& session, std::unique_ptr<benchmark::BenchmarkReporter> display)
      : session_(session), display_(std::move(display)) {
    SetErrorStream(&ignored_);  // what Google Benchmark says there, run_cases throws
  }

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  Session& session_;
  std::unique_ptr<benchmark::BenchmarkReporter> display_;
  std::ostringstream ignored_;
};

}  // namespace flopmeter
