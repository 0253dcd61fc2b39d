#include "app/plan_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace flopmeter {

using planner::Candidate;

bool has_target(const PlanReport& report) {
  return report.target.latency > 0 || report.target.throughput > 0;
}

bool is_of_generation(const PlanReport& report) { return !report.candidates.front().parts.empty(); }

double counted_units(const PlanReport& report) {
  return static_cast<double>(std::max<std::int64_t>(report.tokens, 1));
}

double counted_per_second(const PlanReport& report, const Candidate& c) {
  return c.per_second() * counted_units(report);
}

std::string intervals_text(const PlanReport& report) {
  if (is_of_generation(report)) {
    return "a factor of 1.5 either way, which is chosen: how many runs would lie within is not "
           "known";
  }
  std::map<std::string, const Candidate*> of_data_sheets;
  const Candidate *least = nullptr, *most = nullptr;
  for (const Candidate& c : report.candidates) {
    if (c.points == 0) {
      of_data_sheets.emplace(c.machine, &c);
      continue;
    }
    least = least == nullptr || c.points < least->points ? &c : least;
    most = most == nullptr || c.points > most->points ? &c : most;
  }
  std::string text;
  if (least != nullptr) {
    text = fmt::format(
        "{:.0f} %, from what {}{} points of single nodes are off by when they are left out",
        100 * least->level, least->points,
        least->points < most->points ? fmt::format(" to {}", most->points) : "");
  }
  for (const auto& [machine, candidate] : of_data_sheets) {
    text += fmt::format("{}of {}, which has no points, as it states them itself",
                        text.empty() ? "" : "; ", machine);
  }
  return text;
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
  return !is_of_generation(report)
             ? "reorders that only change a layout, which kernels choose where they run: next to "
               "nothing of most networks, 17 % of one of squeeze-and-excitation blocks; --check "
               "measures them"
             : "";
}

}  // namespace flopmeter
