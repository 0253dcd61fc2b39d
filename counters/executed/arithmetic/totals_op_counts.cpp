// What the operations of executed instructions are in the vocabulary of the formulas.
#include <array>

#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed {
namespace {

struct Meaning {
  Operation operation;
  std::int64_t OpCounts::*count;
};

constexpr std::array meanings{
    Meaning{Operation::add, &OpCounts::adds},
    Meaning{Operation::multiply, &OpCounts::multiplies},
    Meaning{Operation::fma, &OpCounts::macs},
    Meaning{Operation::fma, &OpCounts::multiplies},
    Meaning{Operation::fma, &OpCounts::adds},
    Meaning{Operation::fma, &OpCounts::fmas},
    Meaning{Operation::dot, &OpCounts::macs},
    Meaning{Operation::dot, &OpCounts::multiplies},
    Meaning{Operation::dot, &OpCounts::adds},
    Meaning{Operation::divide, &OpCounts::divides},
    Meaning{Operation::square_root, &OpCounts::square_roots},
    Meaning{Operation::min_max, &OpCounts::comparisons},
    Meaning{Operation::compare, &OpCounts::comparisons},
    Meaning{Operation::convert, &OpCounts::conversions},
};

}  // namespace

OpCounts op_counts(const Totals& totals, Lanes lanes) {
  OpCounts counts;
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    const std::int64_t times =
        checked_multiply(lanes == Lanes::active ? cell.active : cell.full, what.products);
    for (const auto& [operation, count] : meanings) {
      if (operation == what.operation) {
        counts.*count = checked_add(counts.*count, times);
      }
    }
  });
  return counts;
}

}  // namespace flopmeter::executed
