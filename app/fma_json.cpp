#include "app/fma_json.h"

#include <nlohmann/json.hpp>

namespace flopmeter {
namespace {

Json json_of(const Estimate& estimate) {
  return {{"median", estimate.median}, {"median_deviation", estimate.deviation}};
}

Json json_of(const std::optional<Estimate>& estimate) {
  return estimate ? json_of(*estimate) : Json();
}

std::string_view status(const LoopResult& result) {
  if (!result.unavailable.empty()) return "unavailable";
  if (!result.failed.empty()) return "failed";
  return result.seconds().deviation > same_within ? "noisy" : "ok";
}

/// Of one pass: what was generated, which is what was executed where there are times.
Json executed_json(const MacLoop& loop) {
  const OpCounts counts = op_counts(loop.expected(1), executed::Lanes::active);
  return {{"instructions", loop.expected(1).instructions},
          {"multiplies", counts.multiplies},
          {"adds", counts.adds},
          {"fmas", counts.fmas}};
}

}  // namespace

Json to_json(const LoopResult& result) {
  const MacLoop& loop = result.loop;
  const bool timed = !result.timings.empty();
  Json json{{"type", "loop"},
            {"dtype", to_string(loop.real)},
            {"width", loop.width->name},
            {"lanes", loop.lanes()},
            {"mix", to_string(loop.mix)},
            {"form", to_string(loop.form)},
            {"code", loop.instructions()},
            {"status", status(result)},
            {"reason", result.unavailable + result.failed},
            {"steps", MacLoop::steps},
            {"convention", "exact"},
            {"flops", loop.flops()},
            {"executed", nullptr},
            {"seconds", nullptr},
            {"cycles", nullptr},
            {"gflops", nullptr},
            {"samples", Json::array()}};
  if (timed) {
    json["executed"] = executed_json(loop);
    json["seconds"] = json_of(result.seconds());
    json["cycles"] = json_of(result.cycles());
    json["gflops"] = result.gflops();
    for (const Timing& timing : result.timings) {
      json["samples"].push_back(timing.seconds);
    }
  }
  return json;
}

Json to_json(const Answer& answer) {
  const std::optional<bool> yes = does_two_in_one(answer);
  Json speedups = Json::object();
  for (const Mix mix : all_mixes) {
    speedups[std::string(to_string(mix))] =
        json_of(answer.speedups.at(static_cast<std::size_t>(mix)));
  }
  return {{"type", "answer"},
          {"dtype", to_string(answer.real)},
          {"width", answer.width->name},
          {"separate_over_fma", speedups},
          {"fma_over_multiply", json_of(answer.fma_over_multiply)},
          {"two_flops_in_the_time_of_one_multiply", yes ? Json(*yes) : Json()},
          {"reason", answer.reason}};
}

}  // namespace flopmeter
