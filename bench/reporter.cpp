#include "bench/reporter.h"

#include <unistd.h>

namespace flopmeter {

std::unique_ptr<benchmark::BenchmarkReporter> make_display(std::string_view format) {
  if (format == "json") {
    return std::make_unique<benchmark::JSONReporter>();
  }
  if (format == "csv") {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return std::make_unique<benchmark::CSVReporter>();
#pragma GCC diagnostic pop
  }
  if (format == "console") {
    using benchmark::ConsoleReporter;
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    return std::make_unique<ConsoleReporter>(terminal ? ConsoleReporter::OO_Color
                                                      : ConsoleReporter::OO_None);
  }
  return nullptr;
}

bool Reporter::ReportContext(const Context& context) {
  return !display_ || display_->ReportContext(context);
}

/// Called once for the repetitions of a case and once more for their mean and so on, or only for
/// the latter: every run says how many repetitions there are.
void Reporter::ReportRuns(const std::vector<Run>& runs) {
  if (!runs.empty()) {
    session_.finish(static_cast<std::size_t>(runs.front().repetitions));
  }
  if (display_) {
    display_->ReportRuns(runs);
  }
}

void Reporter::Finalize() {
  if (display_) {
    display_->Finalize();
  }
}

}  // namespace flopmeter
