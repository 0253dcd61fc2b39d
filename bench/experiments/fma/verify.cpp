#include "bench/experiments/fma/verify.h"

#include <fmt/format.h>

#include "counters/executed/counter.h"

namespace flopmeter {
namespace {

std::string describe(const executed::Totals& totals) {
  const OpCounts counts = op_counts(totals, executed::Lanes::active);
  return fmt::format("{} instructions, {} multiplies, {} adds, {} of both fused",
                     totals.instructions, counts.multiplies, counts.adds, counts.fmas);
}

}  // namespace

executed::Totals executed_by(const MacCode& code, MacState& state, std::int64_t passes) {
  executed::Counter counter;
  std::int64_t now = 1;
  const auto run = [&] { code.run(now, state); };
  run();  // what the first call of a function costs is not counted
  counter.run(run);
  const executed::Totals once = counter.totals();
  now = 1 + passes;
  counter.run(run);
  return counter.totals() - once - once;
}

std::string difference(const executed::Totals& executed, const executed::Totals& expected) {
  if (executed == expected) {
    return "";
  }
  const std::string found = describe(executed);
  const std::string written = describe(expected);
  return found != written
             ? fmt::format("executed {}, but generated {}", found, written)
             : fmt::format("executed {}, but on other elements or lanes than generated", found);
}

}  // namespace flopmeter
