// flopmeter fleet status: how far the shards of a fleet are.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "app/planning_commands.h"
#include "app/result_folder.h"
#include "results/report/text_table.h"
#include "results/shard_state.h"

namespace flopmeter {
namespace {

std::string word_for(const ShardState& state) {
  return state.complete()     ? "complete"
         : state.file.empty() ? "left no file"
         : state.cut          ? "cut off, or being written"
         : state.count == 1   ? "names no shard"
                              : "not complete";
}

std::string shard_name(std::size_t index, std::size_t count) {
  return count == 1 ? "-" : fmt::format("{}/{}", index, count);
}

void add_row(report::TextTable& table, const ShardState& state) {
  table.rows.push_back(
      {report::text_cell(state.machine), report::text_cell(shard_name(state.index, state.count)),
       report::count_cell(static_cast<std::int64_t>(state.answered)),
       report::count_cell(static_cast<std::int64_t>(state.planned)),
       report::count_cell(static_cast<std::int64_t>(state.noisy)),
       report::count_cell(static_cast<std::int64_t>(state.failed)),
       report::text_cell(word_for(state)),
       report::text_cell(state.file.empty() ? "-" : state.file.filename().string())});
}

/// Shards of a machine's arrays that left no file.
std::vector<ShardState> absent(const std::vector<ShardState>& states) {
  std::map<std::pair<std::string, std::size_t>, std::set<std::size_t>> seen;
  for (const ShardState& state : states) {
    if (state.count > 1) {
      seen[{state.machine, state.count}].insert(state.index);
    }
  }
  std::vector<ShardState> none;
  for (const auto& [array, indices] : seen) {
    for (std::size_t index = 0; index < array.second; ++index) {
      if (!indices.contains(index)) {
        none.push_back({.machine = array.first, .index = index, .count = array.second});
      }
    }
  }
  return none;
}

int fleet_status(const std::string& folder) {
  std::vector<ShardState> states;
  for (const std::filesystem::path& file : result_files(folder)) {
    states.push_back(shard_state(file));
  }
  const std::vector<ShardState> none = absent(states);
  states.insert(states.end(), none.begin(), none.end());
  std::ranges::stable_sort(states, {}, &ShardState::machine);
  report::TextTable table{"",
                          "",
                          {{"machine"},
                           {"shard"},
                           {"rows", true},
                           {"of", true},
                           {"noisy", true},
                           {"failed", true},
                           {"state"},
                           {"file"}},
                          {}};
  for (const ShardState& state : states) {
    add_row(table, state);
  }
  const auto shards =
      std::ranges::count_if(states, [](const ShardState& one) { return one.count > 1; });
  const auto done = std::ranges::count_if(states, &ShardState::complete);
  fmt::print(
      "{}{} of {} shards complete; kinds of machine that have left no file are not known "
      "here\n",
      report::to_text(table), done, shards);
  return done == shards ? 0 : 1;
}

}  // namespace

void add_fleet_status(CLI::App& fleet, int& exit_code) {
  CLI::App* command = fleet.add_subcommand("status", "How far the shards are");
  command->footer(
      "Reads the result files as they are, also while jobs write them. A row that is measured\n"
      "again counts once.\n"
      "Exit codes: 0 all shards are complete, 1 some are not, 2 bad usage.\n"
      "Example:\n  flopmeter fleet status fleet");
  auto folder = std::make_shared<std::string>("fleet");
  command->add_option("folder", *folder, "where jobs leave their .jsonl files")
      ->capture_default_str();
  command->callback([folder, &exit_code] { exit_code = fleet_status(*folder); });
}

}  // namespace flopmeter
