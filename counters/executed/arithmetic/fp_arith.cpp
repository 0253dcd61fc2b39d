#include "counters/executed/arithmetic/fp_arith.h"

#include <array>

namespace flopmeter::executed {
namespace {

constexpr auto events = std::to_array<FpArithEvent>({
    {"fp_arith_inst_retired.scalar_double", 0xC7, 0x01, Element::f64, 1},
    {"fp_arith_inst_retired.scalar_single", 0xC7, 0x02, Element::f32, 1},
    {"fp_arith_inst_retired.128b_packed_double", 0xC7, 0x04, Element::f64, 2},
    {"fp_arith_inst_retired.128b_packed_single", 0xC7, 0x08, Element::f32, 4},
    {"fp_arith_inst_retired.256b_packed_double", 0xC7, 0x10, Element::f64, 4},
    {"fp_arith_inst_retired.256b_packed_single", 0xC7, 0x20, Element::f32, 8},
    {"fp_arith_inst_retired.512b_packed_double", 0xC7, 0x40, Element::f64, 8},
    {"fp_arith_inst_retired.512b_packed_single", 0xC7, 0x80, Element::f32, 16},
    {"fp_arith_inst_retired2.scalar_half", 0xCF, 0x01, Element::f16, 1},
    {"fp_arith_inst_retired2.complex_scalar_half", 0xCF, 0x02, Element::f16, 2},
    {"fp_arith_inst_retired2.128b_packed_half", 0xCF, 0x04, Element::f16, 8},
    {"fp_arith_inst_retired2.256b_packed_half", 0xCF, 0x08, Element::f16, 16},
    {"fp_arith_inst_retired2.512b_packed_half", 0xCF, 0x10, Element::f16, 32},
});

constexpr auto amd_table = std::to_array<AmdFlops>({
    {"fp_ret_sse_avx_ops.add_sub_flops", 0x01, Operation::add, Element::none, 1},
    {"fp_ret_sse_avx_ops.add_sub_flops", 0x01, Operation::dot, Element::none, 1},
    {"fp_ret_sse_avx_ops.mult_flops", 0x02, Operation::multiply, Element::none, 1},
    {"fp_ret_sse_avx_ops.mult_flops", 0x02, Operation::dot, Element::none, 1},
    {"fp_ret_sse_avx_ops.div_flops", 0x04, Operation::divide, Element::none, 1},
    {"fp_ret_sse_avx_ops.div_flops", 0x04, Operation::square_root, Element::none, 1},
    {"fp_ret_sse_avx_ops.mac_flops", 0x08, Operation::fma, Element::none, 2},
    {"fp_ret_sse_avx_ops.bfloat_mac_flops", 0x10, Operation::dot, Element::bf16, 2},
});

/// The elements of an instruction, and how often Intel's event counts it.
struct EventCount {
  int elements;
  std::int64_t times;
};

EventCount reading_of(const Arithmetic& what) {
  using enum Operation;
  switch (what.operation) {
    case dot:
      return {what.lanes * what.products, 2};  // of f32 and f64 only DPP
    case fma:
      return {what.lanes, 2};
    case add:
    case multiply:
      if (what.products > 1) {  // complex, two elements a lane; its adds are the same instruction
        return {2 * what.lanes, what.operation == multiply ? 2 : 0};
      }
      [[fallthrough]];
    case divide:
    case square_root:
    case min_max:
    case approximate:
      return {what.lanes, 1};
    default:
      return {0, 0};
  }
}

bool is_sse_float(Element element) {
  return element == Element::f16 || element == Element::f32 || element == Element::f64;
}

}  // namespace

std::span<const FpArithEvent> fp_arith_events() { return events; }
std::span<const AmdFlops> amd_flops_table() { return amd_table; }

std::int64_t fp_arith_count(const Totals& totals, const FpArithEvent& event) {
  std::int64_t count = 0;
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    const auto [elements, times] = reading_of(what);
    if (what.element == event.element && elements == event.elements) {
      count = checked_add(count, checked_multiply(times, cell.instructions));
    }
  });
  return count;
}

std::int64_t fp_arith_flops(const Totals& totals) {
  std::int64_t flops = 0;
  for (const FpArithEvent& event : events) {
    flops = checked_add(flops, checked_multiply(event.elements, fp_arith_count(totals, event)));
  }
  return flops;
}

std::int64_t amd_flops(const Totals& totals, std::uint8_t umasks) {
  std::int64_t flops = 0;
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    for (const AmdFlops& row : amd_table) {
      const bool element =
          row.element == Element::none ? is_sse_float(what.element) : what.element == row.element;
      if ((row.umask & umasks) != 0 && row.operation == what.operation && element) {
        flops = checked_add(flops, checked_product(row.flops, what.products, cell.full));
      }
    }
  });
  return flops;
}

}  // namespace flopmeter::executed
