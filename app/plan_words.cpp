#include "app/plan_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace flopmeter {

using planner::Candidate;

bool has_target(const PlanReport& report) {
  return report.target.latency > 0 || report.target.throughput > 0;
}

double counted_units(const PlanReport& report) {
  return static_cast<double>(std::max<std::int64_t>(report.tokens, 1));
}

double counted_per_second(const PlanReport& report, const Candidate& c) {
  return c.per_second() * counted_units(report);
}

std::string intervals_text(const PlanReport& report) {
  const Candidate& first = report.candidates.front();
  if (!first.parts.empty()) {
    return "a factor of 1.5 either way, which is chosen: how many runs would lie within is not "
           "known";
  }
  return fmt::format(
      "{:.0f} %, from what {} points of single nodes are off by when they are left out",
      100 * first.level, first.points);
}

std::string unproved_text(const PlanReport& report) {
  const auto has = [&](Dtype dtype) {
    return std::ranges::find(report.candidates, dtype, &Candidate::dtype) !=
           report.candidates.end();
  };
  if (!report.measured.empty()) {
    return "";
  }
  std::string text = has(Dtype::f16)
                         ? "predictions in f16 were not held against runs of networks, as those in "
                           "f32 and bf16 were (docs/plan_accuracy.md): --check does"
                         : "";
  if (has(Dtype::s8)) {
    text += text.empty() ? "" : "; ";
    text +=
        "predictions in s8 were held against runs of four networks on one machine alone "
        "(docs/plan_accuracy_isa.md): --check does it here";
  }
  return text;
}

std::string left_out_text(const PlanReport& report) {
  return report.candidates.front().parts.empty()
             ? "reorders that only change a layout, which kernels choose where they run: next to "
               "nothing of most networks, 17 % of one of squeeze-and-excitation blocks; --check "
               "measures them"
             : "";
}

}  // namespace flopmeter
