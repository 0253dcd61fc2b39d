// The time of a language model on the kernels that model --time generates with: of each fused node what such nodes took
// on the machine, for so many rows. Never runs anything.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/language/generator.h"
#include "results/profile.h"

namespace flopmeter::planner {

/// What a fused node is to a profile.
struct GenerationItem {
  std::string name, kind;  // kind: as ProfileGeneration has it
  double rows = 1, keys = 1, amount = 0;
  double bytes = 0, flops = 0;  // from memory, of arithmetic
};

GenerationItem generation_item(const models::GenerationPart& part, const models::Transformer& t,
                               const models::Phase& phase);

/// A model in one format, without its weights.
struct GenerationPlan {
  std::string format;
  std::vector<GenerationItem> items;
  double weight_bytes = 0, cache_bytes = 0, between_bytes = 0;  // in memory
};

/// Throws BadInput where the model does not run, naming why, or has no such format.
GenerationPlan generation_plan(const models::LanguageModel& model, std::string_view format,
                               const models::Phase& phase);

/// What weights of the model are stored in, where nothing else is asked for.
std::string stored_format(const models::LanguageModel& model);

struct GenerationTime {
  std::vector<double> seconds;  // by item
  double whole = 0;
  double outside =
      0;  // share of the time of nodes with more or fewer rows, or keys, than were measured
};

/// None where the profile has no points of that format on so many threads.
std::optional<GenerationTime> generation_time(const GenerationPlan& plan, const Profile& profile,
                                              int threads);

/// Sums over all points of a run that are one in a profile, seconds of each part beside it.
std::vector<ProfileGeneration> generation_points(std::span<const GenerationItem> items,
                                                 std::span<const double> seconds,
                                                 std::string_view format, int threads);

/// "f32 on 1, q8_0 on 2", of a profile.
std::string generation_formats(const Profile& profile);

}  // namespace flopmeter::planner
