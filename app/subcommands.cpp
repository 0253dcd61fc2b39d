#include "app/subcommands.h"

#include "app/manual.h"
#include "app/planning_commands.h"
#include "app/table.h"

namespace flopmeter {

void add_subcommands(CLI::App& app, int& exit_code) {
  add_run(app, exit_code);
  add_count(app, exit_code);
  add_model(app, exit_code);
  add_diff(app, exit_code);
  add_validate(app, exit_code);
  add_claims(app, exit_code);
  add_check(app, exit_code);
  add_training(app, exit_code);
  add_bench(app, exit_code);
  add_compare(app, exit_code);
  add_machine(app, exit_code);
  add_fma(app, exit_code);
  add_isa(app, exit_code);
  add_exec(app, exit_code);
  add_report(app, exit_code);
  add_table(app, exit_code);
  add_plan(app, exit_code);
  add_merge(app, exit_code);
  add_fleet(app, exit_code);
  add_list(app, exit_code);
  add_pages(app, exit_code);
}

}  // namespace flopmeter
