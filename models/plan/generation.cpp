#include "models/plan/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "kernels/bad_input.h"

namespace flopmeter::planner {
namespace {

/// Logarithms of seconds for each unit of `amount`, by that of rows, then of keys.
using Grid = std::map<double, std::map<double, double>>;

struct Read {
  double value = 0;
  bool outside = false;
};

/// Between the neighbours on a line, beyond its ends as there. `at` makes a value of an entry.
template <class Map, class At>
Read between(const Map& map, double place, const At& at) {
  const auto above = map.lower_bound(place);
  constexpr double same = 1e-9;
  if (above == map.end()) {
    Read last = at(std::prev(above)->second);
    last.outside = true;
    return last;
  }
  if (above == map.begin() || above->first - place < same) {
    Read first = at(above->second);
    first.outside = first.outside || above->first - place > same;
    return first;
  }
  const auto below = std::prev(above);
  const Read a = at(below->second);
  const Read b = at(above->second);
  const double share = (place - below->first) / (above->first - below->first);
  return {a.value + share * (b.value - a.value), a.outside || b.outside};
}

Read read_surface(const Grid& surface, double rows, double keys) {
  return between(surface, std::log(rows), [&](const std::map<double, double>& of_rows) {
    return between(of_rows, std::log(keys), [](double value) { return Read{value}; });
  });
}

/// Of points in the same place the sum of seconds over that of amounts.
std::map<std::string, Grid> surfaces(const Profile& profile, std::string_view format, int threads) {
  std::map<std::tuple<std::string, double, double>, std::pair<double, double>> sums;
  for (const ProfileGeneration& point : profile.generation) {
    if (point.format == format && point.threads == threads) {
      auto& [seconds, amount] = sums[{point.kind, std::log(point.rows), std::log(point.keys)}];
      seconds += point.seconds_in_place;
      amount += point.amount;
    }
  }
  std::map<std::string, Grid> all;
  for (const auto& [place, sum] : sums) {
    const auto& [kind, rows, keys] = place;
    all[kind][rows][keys] = std::log(sum.first / sum.second);
  }
  return all;
}

}  // namespace

GenerationItem generation_item(const models::GenerationPart& part, const models::Transformer& t,
                               const models::Phase& phase) {
  GenerationItem item{.name = part.name, .kind = part.kind};
  item.bytes = static_cast<double>(part.weight_bytes + part.cache_bytes);
  item.flops = part.flops;
  item.rows = static_cast<double>(phase.batch * (part.kind == "output" ? 1 : phase.tokens));
  item.amount = item.bytes + static_cast<double>(part.read_bytes + part.write_bytes);
  if (part.kind == "attention.sdpa") {
    item.kind = "sdpa";
    item.rows =
        static_cast<double>(phase.tokens * (t.heads / std::max<std::int64_t>(t.kv_heads, 1)));
    item.keys = static_cast<double>(phase.past + phase.tokens);
    item.amount = part.flops;
  } else if (part.weight_bytes > 0 && part.kind != "embedding") {
    item.kind = "products";
    item.amount = static_cast<double>(part.weight_bytes);
  }
  return item;
}

std::string stored_format(const models::LanguageModel& model) {
  if (model.tensors.empty()) {
    return generation::format_named(model.dtype) ? model.dtype : "f32";
  }
  const auto first = model.tensors.find("blk.0.attn_output.weight");
  return first == model.tensors.end() ? "f32" : first->second.type;
}

GenerationPlan generation_plan(const models::LanguageModel& model, std::string_view format,
                               const models::Phase& phase) {
  const auto stored = generation::format_named(format);
  if (!stored) {
    bad_input("weights of a language model are stored as one of {}, not {}",
              generation::format_names(), format);
  }
  const models::LanguageWeights weights =
      models::planned_weights(model, stored, model.transformer.layers);
  models::GenerationState state(
      model, model.transformer.layers, phase.batch, phase.past + phase.tokens,
      format == "f32" ? generation::CacheType::f32 : generation::CacheType::bf16);
  const models::Generator generator(model, weights, state, phase, 1);
  GenerationPlan plan{.format = std::string(format), .items = {}};
  for (const models::GenerationPart& part : generator.parts()) {
    plan.items.push_back(generation_item(part, model.transformer, phase));
  }
  plan.weight_bytes = static_cast<double>(weights.bytes);
  plan.cache_bytes = static_cast<double>(state.bytes());
  plan.between_bytes = static_cast<double>(generator.arena_bytes());
  return plan;
}

std::optional<GenerationTime> generation_time(const GenerationPlan& plan, const Profile& profile,
                                              int threads) {
  const auto all = surfaces(profile, plan.format, threads);
  GenerationTime made;
  double outside = 0;
  for (const GenerationItem& item : plan.items) {
    const auto surface = all.find(item.kind);
    if (surface == all.end()) {
      return std::nullopt;
    }
    const Read read = read_surface(surface->second, item.rows, item.keys);
    made.seconds.push_back(std::exp(read.value) * item.amount);
    made.whole += made.seconds.back();
    outside += read.outside ? made.seconds.back() : 0;
  }
  made.outside = made.whole > 0 ? outside / made.whole : 0;
  return made;
}

std::vector<ProfileGeneration> generation_points(std::span<const GenerationItem> items,
                                                 std::span<const double> seconds,
                                                 std::string_view format, int threads) {
  std::map<std::tuple<std::string, double, double>, ProfileGeneration> all;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const GenerationItem& item = items[i];
    ProfileGeneration& point = all[{item.kind, item.rows, item.keys}];
    point.format = format;
    point.threads = threads;
    point.kind = item.kind;
    point.rows = item.rows;
    point.keys = item.keys;
    point.amount += item.amount;
    point.seconds_in_place += seconds[i];
  }
  std::vector<ProfileGeneration> points;
  for (auto& [place, point] : all) {
    points.push_back(std::move(point));
  }
  return points;
}

std::string generation_formats(const Profile& profile) {
  std::set<std::string> there;
  for (const ProfileGeneration& point : profile.generation) {
    there.insert(fmt::format("{} on {}", point.format, point.threads));
  }
  std::string text;
  for (const std::string& one : there) {
    text += (text.empty() ? "" : ", ") + one;
  }
  return text;
}

}  // namespace flopmeter::planner
