#include "results/shard_state.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "results/read_results.h"
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
  std::map<std::string, std::string> statuses;
};

void take(const Json& json, ShardState& state, Heard& heard) {
  const std::string type = text_at(json, "type");
  if (type == "environment" && state.machine.empty()) {
    state.machine = machine_of(json);
  } else if (type == "shard") {
    state.index = json.value("index", std::size_t{0});
    state.count = json.value("count", std::size_t{1});
    for (const Json& name : json.value("cases", Json::array())) {
      heard.planned.insert(name.is_string() ? name.get<std::string>() : "");
    }
  } else if (type == "record") {
    heard.statuses[case_of(json)] = text_at(json, "status");
  }
}

}  // namespace

ShardState shard_state(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw CannotRead(fmt::format("'{}' cannot be read", file.string()));
  }
  ShardState state;
  state.file = file;
  Heard heard;
  std::string text;
  for (std::size_t line = 1; std::getline(in, text); ++line) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_object()) {
      take(json, state, heard);
    } else if (in.eof()) {
      state.cut = true;
    } else if (!text.empty()) {
      throw CannotRead(fmt::format("{}:{}: not one JSON object", file.string(), line));
    }
  }
  state.planned = heard.planned.size();
  for (const auto& [name, status] : heard.statuses) {
    state.answered += heard.planned.empty() || heard.planned.contains(name) ? 1 : 0;
    state.noisy += status == "noisy" ? 1 : 0;
    state.failed += status == "failed" ? 1 : 0;
  }
  return state;
}

}  // namespace flopmeter
