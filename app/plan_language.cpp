#include "app/plan_language.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "kernels/bad_input.h"
#include "models/language/description.h"
#include "models/plan/generation.h"

namespace flopmeter {
namespace {

/// Formats that weights are predicted in: those asked for, of a file that stores them that one, else all that were
/// profiled. Empty where the machine has no points of language models.
std::vector<std::string> formats_of(const PlanReport& report, const LanguageChoice& chosen,
                                    const MachineFile& file) {
  std::vector<std::string> there;
  for (const ProfileGeneration& point :
       file.profile ? file.profile->generation : std::vector<ProfileGeneration>()) {
    if (std::ranges::find(there, point.format) == there.end()) {
      there.push_back(point.format);
    }
  }
  if (!chosen.dtypes.empty() && !there.empty()) {
    return chosen.dtypes;
  }
  const std::string stored = planner::stored_format(*report.language);
  const bool is_stored = std::ranges::find(there, stored) != there.end();
  return is_stored && !report.language->tensors.empty() ? std::vector{stored} : there;
}

/// Either way, and chosen: too few runs of language models were held against predictions for a level.
constexpr double generation_within = 1.5;

/// The larger of the times that arithmetic and memory would take of a node says what bounds it.
planner::Prediction generation_prediction(const planner::GenerationPlan& plan,
                                          const planner::GenerationTime& time,
                                          const ProfileRate& rate) {
  planner::Prediction made;
  made.seconds = time.whole;
  made.low = time.whole / generation_within;
  made.high = time.whole * generation_within;
  made.outside = time.outside;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const planner::GenerationItem& item = plan.items[i];
    const bool memory =
        item.bytes / rate.bytes_per_second > item.flops / rate.operations_per_second;
    (memory ? made.memory : made.compute) += time.seconds[i] / time.whole;
  }
  made.bound = made.memory > made.compute ? "memory" : "compute";
  made.weight_bytes = plan.weight_bytes;
  made.activation_bytes = plan.between_bytes;
  return made;
}

planner::SimpleRules generation_rules(const planner::GenerationPlan& plan,
                                      const ProfileRate& rate) {
  planner::SimpleRules rules;
  for (const planner::GenerationItem& item : plan.items) {
    const double work = item.flops / rate.operations_per_second;
    const double bytes = item.bytes / rate.bytes_per_second;
    rules.operations_over_peak += work;
    rules.roofline += std::max(work, bytes);
    rules.bytes_over_bandwidth += bytes;
  }
  return rules;
}

}  // namespace

void find_language(PlanReport& report, const std::string& path,
                   const models::ModelOptions& options) {
  try {
    report.language =
        std::make_shared<const models::LanguageModel>(models::read_language_model(path));
    report.phase = models::phase_of(options, report.language->transformer);
  } catch (const BadInput& error) {
    report.language = nullptr;
    report.unfused = error.what();
  }
}

bool add_language_candidates(PlanReport& report, const LanguageChoice& chosen,
                             const MachineFile& file) {
  const std::vector<std::string> formats =
      report.language ? formats_of(report, chosen, file) : std::vector<std::string>();
  const std::vector<int> threads =
      chosen.threads.empty() ? planner::threads_of(file) : chosen.threads;
  for (const std::string& format : formats) {
    for (const int batch : chosen.batches) {
      models::Phase phase = report.phase;
      phase.batch = batch;
      const planner::GenerationPlan plan =
          planner::generation_plan(*report.language, format, phase);
      for (const int count : threads) {
        const auto time = planner::generation_time(plan, *file.profile, count);
        if (!time) {
          bad_input("{}: no points of language models in {} on {} threads: it has {}", file.path,
                    format, count, planner::generation_formats(*file.profile));
        }
        const planner::Setting setting =
            planner::setting_of(file, planner::dtypes_of(file).front(), count);
        planner::Candidate& one = report.candidates.emplace_back();
        one.machine = file.path;
        one.threads = count;
        one.batch = batch;
        one.stored = format;
        one.points = file.profile->generation.size();
        one.prediction = generation_prediction(plan, *time, setting.rate);
        for (std::size_t i = 0; i < plan.items.size(); ++i) {
          one.parts.emplace_back(plan.items[i].name, time->seconds[i]);
        }
        one.rules = generation_rules(plan, setting.rate);
        one.load_seconds = plan.weight_bytes / setting.rate.bytes_per_second;
        one.memory_bytes = plan.weight_bytes + plan.cache_bytes + plan.between_bytes;
        if (plan.weight_bytes < 2.0 * static_cast<double>(setting.rate.cache_bytes)) {
          report.in_caches = fmt::format(
              "{:.0f} MB of weights lie in caches of {:.0f} MB in part, where they are predicted "
              "as from memory: times are shorter",
              plan.weight_bytes / 1e6, static_cast<double>(setting.rate.cache_bytes) / 1e6);
        }
      }
    }
  }
  return !formats.empty();
}

}  // namespace flopmeter
