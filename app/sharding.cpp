#include "app/sharding.h"

#include <fmt/format.h>

#include <fstream>

#include "bench/library_versions.h"
#include "bench/row.h"
#include "counters/convention.h"
#include "kernels/bad_input.h"
#include "results/environment.h"
#include "results/merge.h"

namespace flopmeter {
namespace {

constexpr double cost_of_a_case = 1e8;  // FLOPs of the reference in the time that the rest takes

}  // namespace

void add_shard_option(CLI::App& command, Shard& shard) {
  command.add_option_function<std::string>(
      "--shard", [&shard](const std::string& text) { shard = parse_shard(text); },
      "only part i of n of the cases, as in 0/4; always the same ones");
}

double shard_cost(const Problem& problem, Pass pass) {
  const std::int64_t flops = find_convention("exact").reduce(problem.formula(pass).dense);
  return static_cast<double>(flops) + cost_of_a_case;
}

std::vector<BenchCase> sharded(const std::vector<BenchCase>& cases, const Shard& shard) {
  return shard_of(cases, shard, [](const BenchCase& what) {
    return shard_cost(what.subject.problem, what.subject.pass);
  });
}

void note_shard(const std::string& results, const Shard& shard,
                const std::vector<BenchCase>& cases) {
  std::vector<std::string> names;
  for (const BenchCase& what : cases) {
    const Record planned = planned_row(what);
    names.push_back(fmt::format("{}, {} threads, {}", planned.name, planned.threads.value_or(1),
                                planned.cache));
  }
  note_shard(results, shard, names);
}

void note_shard(const std::string& results, const Shard& shard,
                const std::vector<std::string>& names) {
  if (results.empty() || shard.count == 1) {
    return;
  }
  const std::string of = fingerprint(measure_environment(library_versions()));
  std::ofstream file(results, std::ios::app);
  if (!(file << shard_line(shard.index, shard.count, names, of) << std::flush)) {
    bad_input("cannot write '{}': is the disk full?", results);
  }
}

}  // namespace flopmeter
