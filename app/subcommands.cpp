#include "app/subcommands.h"

#include <algorithm>

#include "app/manual.h"
#include "app/planning_commands.h"
#include "app/table.h"

namespace flopmeter {
namespace {

constexpr std::string_view of_all = "pages";

struct Command {
  std::string_view name;
  void (*add)(CLI::App&, int&);
};

// As --help shows them.
constexpr Command command_table[] = {
    {"run", add_run},         {"count", add_count},       {"model", add_model},
    {"diff", add_diff},       {"validate", add_validate}, {"claims", add_claims},
    {"check", add_check},     {"training", add_training}, {"bench", add_bench},
    {"compare", add_compare}, {"machine", add_machine},   {"fma", add_fma},
    {"isa", add_isa},         {"exec", add_exec},         {"report", add_report},
    {"table", add_table},     {"plan", add_plan},         {"merge", add_merge},
    {"fleet", add_fleet},     {"list", add_list},         {of_all, add_pages}};

}  // namespace

void add_subcommands(CLI::App& app, int& exit_code, std::string_view asked) {
  const auto* const only = std::ranges::find(command_table, asked, &Command::name);
  if (only != std::ranges::end(command_table) && asked != of_all) {
    only->add(app, exit_code);
    return;
  }
  for (const Command& command : command_table) {
    command.add(app, exit_code);
  }
}

}  // namespace flopmeter
