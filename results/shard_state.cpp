#include "results/shard_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "results/stored_rows.h"

namespace flopmeter {
namespace {

std::string machine_of(const Json& environment) {
  std::string text = text_at(environment, "cpu");
  const auto variables = environment.find("variables");
  if (variables != environment.end() && variables->is_object()) {
    for (const auto& [name, value] : variables->items()) {
      text += fmt::format(" {}={}", name, value.is_string() ? value.get<std::string>() : "");
    }
  }
  return text;
}

/// The last status of each case: a row that is measured again stands behind the older one.
struct Heard {
  std::set<std::string> planned;
  std::unordered_map<std::string, std::string> statuses;
};

void take_shard(const Json& json, ShardState& state, Heard& heard) {
  state.index = json.value("index", std::size_t{0});
  state.count = json.value("count", std::size_t{1});
  for (const Json& name : json.value("cases", Json::array())) {
    heard.planned.insert(name.is_string() ? name.get<std::string>() : "");
  }
}

}  // namespace

ShardState shard_state(const std::filesystem::path& file) {
  ShardState state;
  state.file = file;
  Heard heard;
  const LinesEnd end = for_each_line(file, [&](const ResultLine& line, LinePlace) {
    const std::string_view type = line.type();
    if (type == "environment" && state.machine.empty()) {
      state.machine = machine_of(line.json());
    } else if (type == "shard") {
      take_shard(line.json(), state, heard);
    } else if (type == "record") {
      heard.statuses[case_of(line)] = line.text_at("status");
    }
  });
  state.cut = end.cut;
  state.planned = heard.planned.size();
  for (const auto& [name, status] : heard.statuses) {
    state.answered += heard.planned.empty() || heard.planned.contains(name) ? 1 : 0;
    state.noisy += status == "noisy" ? 1 : 0;
    state.failed += status == "failed" ? 1 : 0;
  }
  return state;
}

}  // namespace flopmeter
