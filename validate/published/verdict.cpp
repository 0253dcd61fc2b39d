#include "validate/published/verdict.h"

#include <fmt/format.h>

#include <cmath>

#include "counters/convention.h"
#include "kernels/network/listing.h"

namespace flopmeter::published {
namespace {

/// The number that a quantity stands for.
std::int64_t reduce(const Quantity& quantity, const OpCounts& counts, std::int64_t parameters) {
  return quantity.convention == "params" ? parameters
                                         : find_convention(quantity.convention).reduce(counts);
}

/// Every operation, whatever its kind: of layers that have no MACs.
std::int64_t operations(const OpCounts& counts) {
  std::int64_t sum = 0;
  for (const OpKind& kind : op_kinds) {
    if (kind.name != "macs" && kind.name != "fmas") {
      sum = checked_add(sum, counts.*kind.count);
    }
  }
  return sum;
}

/// "4 x", "1/32 x", "+0.4 %", "0.0313 x"; never a number rounded to 1.
std::string factor_text(std::int64_t value, std::int64_t exact) {
  if (value % exact == 0) {
    return fmt::format("{} x", value / exact);
  }
  if (value != 0 && exact % value == 0) {
    return fmt::format("1/{} x", exact / value);
  }
  const double factor = static_cast<double>(value) / static_cast<double>(exact);
  if (std::abs(factor - 1) < 0.1) {
    return fmt::format("{:+.3g} %", 100 * (factor - 1));
  }
  return fmt::format("{:.4g} x", factor);
}

/// Of a layer without MACs.
std::string without_macs(std::int64_t value, const Counted& counted) {
  if (value == 0) {
    const std::int64_t others = operations(counted.in_bounds);
    return others == 0 ? "exact" : fmt::format("0 MACs is right; {} other operations", others);
  }
  if (counted.outputs != 0 && value % counted.outputs == 0) {
    return fmt::format("wrong: {} an output, where nothing is accumulated",
                       value / counted.outputs);
  }
  return "wrong: nothing is accumulated";
}

std::string exact_text(const CounterComparison& c) {
  return c.dense == c.in_bounds ? "exact"
                                : fmt::format("exact, counted dense ({} of in-bounds)",
                                              factor_text(c.dense, c.in_bounds));
}

/// The convention exact also counts what is added to a bias, and what is not a product.
bool is_every_operation(const Quantity& quantity, std::int64_t value, const Counted& counted) {
  const Convention& exact = find_convention("exact");
  return quantity.convention == "flop2" &&
         (value == exact.reduce(counted.in_bounds) || value == exact.reduce(counted.dense));
}

std::string verdict(const Quantity& quantity, std::int64_t value, const CounterComparison& c,
                    const Counted& counted) {
  if (quantity.convention == "params") {
    return value == c.dense ? "exact"
           : value == 0
               ? "silent zero"
               : "wrong: " + (c.dense == 0 ? "there are none" : factor_text(value, c.dense));
  }
  if (is_every_operation(quantity, value, counted) && value != 0 && value != c.dense) {
    return "exact: every operation counted";
  }
  if (c.dense == 0) {
    return without_macs(value, counted);
  }
  if (value == c.dense) {
    return exact_text(c);
  }
  if (value == 0) {
    return "silent zero";
  }
  if (value == c.in_bounds) {
    return "exact in bounds";
  }
  if (value - c.dense == counted.outputs) {
    return fmt::format("wrong: +1 an output ({})", factor_text(value, c.dense));
  }
  return "wrong: " + factor_text(value, c.dense);
}

}  // namespace

CounterComparison compare(const Quantity& quantity, const Printed& printed,
                          const Counted& counted) {
  CounterComparison c{reduce(quantity, counted.dense, counted.parameters),
                      reduce(quantity, counted.in_bounds, counted.parameters),
                      {},
                      printed.failure};
  if (printed.value) {
    c.verdict = verdict(quantity, *printed.value, c, counted);
    if (c.dense != 0) {
      c.factor = static_cast<double>(*printed.value) / static_cast<double>(c.dense);
    }
  }
  return c;
}

std::vector<Row> rows(const Table& table, std::span<const Counter* const> counters,
                      const Problem& problem, Pass pass, const Counted& counted) {
  const Listed only{problem};
  const Network network = listed_network("layer", {&only, 1});
  std::vector<Row> all;
  for (const Counter* counter : counters) {
    for (const Quantity& quantity : counter->prints) {
      Printed printed = print(table, *counter, quantity, network, pass);
      const CounterComparison comparison = compare(quantity, printed, counted);
      all.push_back({counter, &quantity, std::move(printed), comparison});
    }
  }
  return all;
}

}  // namespace flopmeter::published
