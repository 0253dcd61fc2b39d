#include "app/generation_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/model_time_rows.h"
#include "bench/memory.h"
#include "models/chain/run_times.h"
#include "models/language/check.h"
#include "models/plan/generation.h"

namespace flopmeter {
namespace {

constexpr std::uint64_t drawn_cache = 1;
constexpr double phase_seconds = 0.4;
constexpr std::size_t fewest_passes = 3;
constexpr std::int64_t least_bytes = 256'000'000;  // of weights, and four times the caches

/// A token alone and behind many, as many rows as are multiplied in registers and one more, prompts.
constexpr std::array profiled_phases{
    models::Phase{1, 1, 127},  models::Phase{1, 1, 1023},  models::Phase{1, 1, 4095},
    models::Phase{1, 2, 126},  models::Phase{1, 4, 124},   models::Phase{1, 5, 123},
    models::Phase{1, 16, 112}, models::Phase{1, 64, 0},    models::Phase{1, 256, 0},
    models::Phase{1, 512, 0},  models::Phase{1, 256, 1792}};

models::LanguageModel profiled_model(std::string_view format, std::int64_t cache_bytes) {
  models::LanguageModel model;
  model.path = "profile";
  models::Transformer& t = model.transformer;
  t.hidden = 2048;
  t.vocabulary = 16'000;
  t.heads = 32;
  t.kv_heads = 4;
  t.feed_forward = 5632;
  t.tied = true;
  t.layers = 1;
  t = models::completed(t);
  const std::int64_t wanted = std::max(least_bytes, 4 * cache_bytes);
  const auto stored = generation::format_named(format);
  const std::int64_t one = models::weight_bytes(model, stored, 1);
  t.layers = 2;
  const std::int64_t each = models::weight_bytes(model, stored, 2) - one;
  t.layers = std::clamp<std::int64_t>(wanted / each + 1, 2, 8);
  return model;
}

std::vector<double> seconds_of_parts(models::Generator& generator, const models::Phase& phase,
                                     const models::LanguageModel& model, const Clock& clock) {
  generator.set_tokens(
      models::drawn_tokens(model.transformer.vocabulary, phase.batch * phase.tokens));
  generator.run();
  std::vector<std::vector<double>> samples;
  std::size_t passes = 0;
  for (const double end = clock() + phase_seconds; passes < fewest_passes || clock() < end;
       ++passes) {
    generator.run(clock, samples);
  }
  return models::run_times(samples, reading_seconds(clock)).parts;
}

bool has_points(const Profile& profile, std::string_view format, int threads) {
  return std::ranges::any_of(profile.generation, [&](const ProfileGeneration& point) {
    return point.format == format && point.threads == threads;
  });
}

}  // namespace

void measure_generation(Profile& profile, const std::vector<std::string>& formats,
                        const std::vector<int>& threads, Equipment& equipment,
                        const std::function<void(const std::string& what)>& progress,
                        const std::function<void(const Profile&)>& save) {
  for (const std::string& format : formats) {
    const auto missing = [&](int count) { return !has_points(profile, format, count); };
    if (std::ranges::none_of(threads, missing)) {
      continue;
    }
    const models::LanguageModel model = profiled_model(format, equipment.cache_bytes());
    const std::int64_t layers = model.transformer.layers;
    const auto stored = generation::format_named(format);
    if (2 * models::weight_bytes(model, stored, layers) > available_bytes()) {
      continue;
    }
    const models::LanguageWeights weights = models::make_weights(model, stored, layers);
    const auto type = format == "f32" ? generation::CacheType::f32 : generation::CacheType::bf16;
    for (const int count : threads) {
      if (!missing(count)) {
        continue;
      }
      std::vector<ProfileGeneration> made;
      for (const models::Phase& phase : profiled_phases) {
        progress(fmt::format("language model, {} on {}, {} tokens behind {}", format, count,
                             phase.tokens, phase.past));
        models::GenerationState state(model, layers, phase.batch, phase.past + phase.tokens, type);
        for (generation::KeyValueCache& cache : state.caches) {
          cache.draw(phase.past, drawn_cache);
        }
        models::Generator generator(model, weights, state, phase, count);
        const std::vector<double> seconds =
            seconds_of_parts(generator, phase, model, equipment.clock());
        std::vector<planner::GenerationItem> items;
        for (const models::GenerationPart& part : generator.parts()) {
          items.push_back(planner::generation_item(part, model.transformer, phase));
        }
        const auto points = planner::generation_points(items, seconds, format, count);
        made.insert(made.end(), points.begin(), points.end());
      }
      profile.generation.insert(profile.generation.end(), made.begin(), made.end());
      save(profile);
    }
  }
}

}  // namespace flopmeter
