#include "app/language_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/language_output.h"
#include "bench/memory.h"
#include "counters/op_counts.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using generation::CacheType;
using generation::Format;

constexpr std::uint64_t cache_seed = 1;

/// Options that runs of language models do not have.
void refuse(const std::vector<models::ModelOptions>& sets, const TimeOptions& options) {
  const std::string_view asked = options.instances > 0        ? "--instances"
                                 : options.alone              ? "--alone"
                                 : options.executed           ? "--executed"
                                 : !options.trace.empty()     ? "--trace"
                                 : !options.dump.empty()      ? "--dump"
                                 : !options.output.empty()    ? "-o"
                                 : options.shard.count > 1    ? "--shard"
                                 : !sets.front().dims.empty() ? "--dim"
                                                              : "";
  if (!asked.empty()) {
    bad_input("{} is not for runs of language models: ONNX files have it", asked);
  }
}

/// What weights are stored in, where that is to be chosen.
std::optional<Format> format_of(const models::LanguageModel& model, const TimeOptions& options) {
  if (!options.dtype_given) {
    return model.tensors.empty() ? generation::format_named(model.dtype) : std::nullopt;
  }
  const auto format = generation::format_named(options.dtype);
  if (!format) {
    bad_input("--dtype '{}': weights of a language model are stored as one of {}", options.dtype,
              generation::format_names());
  }
  return format;
}

CacheType cache_type_of(const TimeOptions& options, const std::string& stored) {
  if (options.cache_dtype.empty()) {
    return stored == "f32" ? CacheType::f32 : CacheType::bf16;
  }
  if (options.cache_dtype != "f32" && options.cache_dtype != "bf16") {
    bad_input("--cache-dtype '{}': f32 or bf16", options.cache_dtype);
  }
  return options.cache_dtype == "f32" ? CacheType::f32 : CacheType::bf16;
}

std::int64_t end_of(const models::Phase& phase) { return checked_add(phase.past, phase.tokens); }

void check_depth(const models::LanguageModel& model, const models::Phase& phase) {
  const models::Transformer& t = model.transformer;
  if (t.positions == models::Positions::learned && end_of(phase) > t.positions_stored) {
    bad_input("{}: {} tokens behind {} are more than the {} positions that the model has",
              model.path, phase.tokens, phase.past, t.positions_stored);
  }
}

/// Of activations, about: what is between the nodes of a block.
std::int64_t between_bytes(const models::Transformer& t, const models::Phase& phase) {
  const std::int64_t columns =
      3 * t.hidden + 2 * t.feed_forward + 2 * t.heads * t.head_size + 2 * t.kv_heads * t.head_size;
  return checked_product(4, phase.batch,
                         checked_add(checked_multiply(phase.tokens, columns), t.vocabulary));
}

std::int64_t planned(const models::LanguageModel& model, std::optional<Format> format,
                     CacheType type, const std::vector<models::Phase>& phases) {
  std::int64_t largest = 0;
  for (const models::Phase& phase : phases) {
    largest = std::max(largest,
                       checked_add(cache_bytes(model.transformer, phase.batch, end_of(phase), type),
                                   between_bytes(model.transformer, phase)));
  }
  return checked_add(largest, weight_bytes(model, format, model.transformer.layers));
}

LanguageRun timed_run(const models::LanguageModel& model, const models::LanguageWeights& weights,
                      models::GenerationState& state, const models::Phase& phase, int threads,
                      double seconds, Equipment& equipment) {
  models::Generator generator(model, weights, state, phase, threads);
  generator.set_tokens(
      models::drawn_tokens(model.transformer.vocabulary, phase.batch * phase.tokens));
  LanguageRun run = time_generation(generator, phase, threads, seconds, equipment);
  run.cache_bytes = state.bytes();
  run.cache_token_bytes = state.token_bytes();
  return run;
}

/// The formats' names without those of norms and biases, which are numbers of f32 in any case.
std::string stored_formats(const models::LanguageModel& model, std::optional<Format> format) {
  if (format) {
    return std::string(generation::info(*format).name);
  }
  const auto first = model.tensors.find("blk.0.attn_output.weight");
  return first == model.tensors.end() ? "f32" : first->second.type;
}

}  // namespace

int time_language_model(const std::string& path, const std::vector<models::ModelOptions>& sets,
                        const TimeOptions& options) {
  refuse(sets, options);
  const models::LanguageModel model = models::read_language_model(path);
  const std::optional<Format> format = format_of(model, options);
  const CacheType type = cache_type_of(options, stored_formats(model, format));
  std::vector<models::Phase> phases;
  for (const models::ModelOptions& set : sets) {
    phases.push_back(models::phase_of(set, model.transformer));
    check_depth(model, phases.back());
  }
  const std::int64_t bytes = planned(model, format, type, phases);
  if (const std::string lack = lack_of_memory(bytes, available_bytes()); !lack.empty()) {
    bad_input("{}: the model {}", path, lack);
  }
  Equipment equipment(steady_seconds);
  const double begin = steady_seconds();
  const models::LanguageWeights weights =
      models::make_weights(model, format, model.transformer.layers);
  TimedLanguage timed{.model = model,
                      .weights = weights,
                      .cache_type = type == CacheType::f32 ? "f32" : "bf16",
                      .phase = sets.front().phase.empty() ? "prefill" : sets.front().phase,
                      .prepare_seconds = steady_seconds() - begin,
                      .planned_bytes = bytes};
  if (options.check) {
    std::int64_t deepest = 0;
    for (const models::Phase& phase : phases) {
      deepest = std::max(deepest, end_of(phase));
    }
    timed.check =
        models::check_language(model, weights, deepest, type, std::ranges::max(options.threads));
  }
  for (const models::Phase& phase : phases) {
    models::GenerationState state(model, model.transformer.layers, phase.batch, end_of(phase),
                                  type);
    for (generation::KeyValueCache& cache : state.caches) {
      cache.draw(phase.past, cache_seed);
    }
    for (const int threads : options.threads) {
      timed.runs.push_back(
          timed_run(model, weights, state, phase, threads, options.seconds, equipment));
      if (!options.json) {
        fmt::print("{}", language_run_text(timed, timed.runs.back()));
      }
    }
  }
  if (options.json) {
    fmt::print("{}\n", language_json(timed).dump(2));
  } else {
    fmt::print("{}", language_text(timed));
  }
  return timed.agrees() ? 0 : 1;
}

}  // namespace flopmeter
