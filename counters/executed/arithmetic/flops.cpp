#include "counters/executed/arithmetic/flops.h"

namespace flopmeter::executed {
namespace {

std::int64_t flops_of(Operation operation) {
  switch (operation) {
    case Operation::add:
    case Operation::multiply:
    case Operation::divide:
    case Operation::square_root:
      return 1;
    case Operation::fma:
    case Operation::dot:
      return 2;
    default:
      return 0;
  }
}

}  // namespace

bool is_floating(Element element) { return element >= Element::f16 && element <= Element::f80; }

std::int64_t exact_flops(const Arithmetic& arithmetic) {
  return is_floating(arithmetic.element) ? flops_of(arithmetic.operation) * arithmetic.products : 0;
}

std::int64_t exact_flops(const Totals& totals, Lanes lanes) {
  std::int64_t sum = 0;
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    const std::int64_t count = lanes == Lanes::active ? cell.active : cell.full;
    sum = checked_add(sum, checked_multiply(count, exact_flops(what)));
  });
  return sum;
}

Totals floating_totals(const Totals& totals) {
  Totals floating;
  floating.instructions = totals.instructions;
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    if (is_floating(what.element)) {
      floating.add(what, cell.instructions, cell.active, cell.full);
    }
  });
  return floating;
}

std::optional<double> fma_share(const OpCounts& counts) {
  if (counts.multiplies == 0) return std::nullopt;
  return static_cast<double>(counts.fmas) / static_cast<double>(counts.multiplies);
}

}  // namespace flopmeter::executed
