// --shard i/n of the commands that go through cases.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "bench/bench_case.h"
#include "bench/shard.h"

namespace flopmeter {

/// Adds --shard. What it was given is known once the command line is read.
void add_shard_option(CLI::App& command, Shard& shard);

/// FLOPs of a pass, all its taps, and as much as setting a case up is worth: what shards are divided by.
double shard_cost(const Problem& problem, Pass pass);

/// The cases of the shard.
std::vector<BenchCase> sharded(const std::vector<BenchCase>& cases, const Shard& shard);

/// Notes in the results file, which is open, which cases its shard has, so that `merge` knows what
/// is missing. Nothing without a file or with a single shard. Throws BadInput.
void note_shard(const std::string& results, const Shard& shard,
                const std::vector<BenchCase>& cases);
/// The same of cases as merge names them: "name, 1 threads, warm".
void note_shard(const std::string& results, const Shard& shard,
                const std::vector<std::string>& names);

}  // namespace flopmeter
