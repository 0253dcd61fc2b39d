// What bench and run do around timing: leave out what is answered, add what is executed.
#pragma once

#include <span>
#include <vector>

#include "app/bench_output.h"
#include "bench/bench_case.h"
#include "results/record.h"

namespace flopmeter {

/// What is not answered yet, with its rows as far as they are known.
struct PendingRows {
  std::vector<BenchCase> cases;
  std::vector<Record> rows;
};

PendingRows plan(std::span<const BenchCase> cases, const BenchOutput& output);

/// Adds to the row of one of the cases what one call executes, and by that count whether padded
/// lanes bound it. Its threads do not matter: it is counted on one. Rows that were not timed stay
/// as they are.
void count_executed(Record& record, std::span<const BenchCase> cases);

}  // namespace flopmeter
