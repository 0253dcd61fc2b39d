// flopmeter plan --why NODE: what a prediction was made of.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/plan.h"
#include "kernels/bad_input.h"
#include "results/cell.h"

namespace flopmeter {
namespace {

using planner::Candidate;
using planner::Term;

std::string place_text(const Term& term) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < term.located.at.size(); ++i) {
    parts.push_back(fmt::format("{} {}", term.located.kind->axes[i], term.located.at[i]));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string point_text(const ProfilePoint& point) {
  return fmt::format("    near {} {}: {} with weights in memory, {} in the caches{}\n", point.layer,
                     point.shape, scaled_time(point.seconds), scaled_time(point.cache_seconds),
                     point.implementation.empty() ? "" : ", " + point.implementation);
}

std::string term_text(const Term& term) {
  const bool flops = term.located.kind->work == planner::Work::flops;
  std::string text = fmt::format(
      "  {} at {}: {}, {} times\n    roofline: {:.4g} {} {}, weights from memory {}, fixed {}; of "
      "it "
      "{:.1f} % are reached; bound: {}\n",
      term.located.kind->name, place_text(term), scaled_time(term.seconds()), term.times, term.work,
      flops ? "FLOPs" : "bytes", scaled_time(term.work_seconds),
      scaled_time(term.byte_seconds - term.spilled_seconds), scaled_time(term.fixed_seconds),
      100 * term.efficiency, term.bound());
  text += term.spilled_seconds > 0 ? fmt::format("    activations that no cache holds: {}\n",
                                                 scaled_time(term.spilled_seconds))
                                   : "";
  text += term.reading.base > 0
              ? fmt::format("    as its class costs by work, weights and activations: {}\n",
                            scaled_time(term.reading.base * term.times))
              : "";
  text +=
      term.reading.octaves_outside > 0
          ? fmt::format("    outside the points by {:.1f} octaves\n", term.reading.octaves_outside)
      : term.reading.from.empty() ? ""
                                  : "    inside the points\n";
  for (const ProfilePoint* point : term.reading.from) {
    text += point_text(*point);
  }
  return text + (term.remark.empty() ? "" : fmt::format("    {}\n", term.remark));
}

}  // namespace

std::string why_text(const PlanReport& report, const std::string& node) {
  const Candidate& first = report.candidates.front();
  std::vector<std::string> names;
  for (const auto& [name, seconds] : first.parts) {
    if (name == node) {
      return fmt::format(
          "{}: {} of {} predicted on {}, {} threads, batch {}, {}\n  as such nodes take in the "
          "machine file for as many rows and keys, by their bytes or FLOPs\n",
          name, scaled_time(seconds), scaled_time(first.prediction.seconds), first.machine,
          first.threads, first.batch, planner::type_name(first));
    }
    names.push_back(name);
  }
  for (const planner::ItemPrediction& one : first.prediction.items) {
    const bool fused = std::ranges::find(one.item->fused, node) != one.item->fused.end();
    if (one.item->name != node && !fused) {
      names.push_back(one.item->name);
      continue;
    }
    std::string text =
        fmt::format("{}: {} of {} predicted on {}, {} threads, batch {}, {}\n", one.item->name,
                    scaled_time(one.seconds()), scaled_time(first.prediction.seconds),
                    first.machine, first.threads, first.batch, planner::type_name(first));
    text += one.item->fused.empty()
                ? ""
                : fmt::format("  with {}, done to its results\n", fmt::join(one.item->fused, ", "));
    for (const Term& term : one.terms) {
      text += term_text(term);
    }
    return text + (one.item->reason.empty() ? "" : fmt::format("  {}\n", one.item->reason));
  }
  names.resize(std::min<std::size_t>(names.size(), 5));
  bad_input("--why '{}': no such node takes time; the first that do: {}", node,
            fmt::join(names, ", "));
}

}  // namespace flopmeter
