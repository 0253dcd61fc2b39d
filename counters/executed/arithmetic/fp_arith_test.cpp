#include "counters/executed/arithmetic/fp_arith.h"

#include <gtest/gtest.h>

#include <string>

#include "counters/executed/arithmetic/names.h"

namespace flopmeter::executed {
namespace {

using enum Operation;
using Element::bf16, Element::f16, Element::f32, Element::f64, Element::f80;
using Element::i8, Element::i32;

/// Seven executions of an instruction on so many lanes, few of them active.
Totals seven(const Arithmetic& what) {
  Totals totals;
  totals.add(what, 7, 9, std::int64_t{7} * what.lanes);
  return totals;
}

struct Expectation {
  Arithmetic what;
  std::uint8_t code;  // of the only event that counts it; 0: none does
  std::uint8_t umask;
  std::int64_t count;
};

// By Intel's description of the events, perfmon/SPR.
TEST(FpArith, CountsInstructionsByWidthAndFmaTwice) {
  const auto expectations = std::to_array<Expectation>({
      {{add, f64, 1}, 0xC7, 0x01, 7},
      {{multiply, f32, 1}, 0xC7, 0x02, 7},
      {{divide, f64, 2}, 0xC7, 0x04, 7},
      {{square_root, f32, 4}, 0xC7, 0x08, 7},
      {{min_max, f64, 4}, 0xC7, 0x10, 7},
      {{approximate, f32, 8}, 0xC7, 0x20, 7},
      {{fma, f64, 8}, 0xC7, 0x40, 14},
      {{fma, f32, 16}, 0xC7, 0x80, 14},
      {{dot, f32, 2, 4}, 0xC7, 0x20, 14},  // vdpps ymm
      {{dot, f64, 1, 2}, 0xC7, 0x04, 14},  // dppd
      {{add, f16, 1}, 0xCF, 0x01, 7},
      {{multiply, f16, 1, 4}, 0xCF, 0x02, 14},  // vfmulcsh
      {{fma, f16, 8}, 0xCF, 0x04, 14},
      {{multiply, f16, 16}, 0xCF, 0x08, 7},
      {{multiply, f16, 16, 4}, 0xCF, 0x10, 14},  // vfmulcph zmm
      {{add, f16, 16, 2}, 0, 0, 0},              // its adds are the same instruction
      {{compare, f32, 16}, 0, 0, 0},
      {{convert, f32, 16}, 0, 0, 0},
      {{Operation::round, f32, 16}, 0, 0, 0},
      {{other, f32, 16}, 0, 0, 0},
      {{dot, bf16, 16, 2}, 0, 0, 0},
      {{dot, i8, 16, 4}, 0, 0, 0},
      {{multiply, i32, 16}, 0, 0, 0},
      {{add, f80, 1}, 0, 0, 0},
  });
  for (const Expectation& expected : expectations) {
    const Totals totals = seven(expected.what);
    for (const FpArithEvent& event : fp_arith_events()) {
      const bool this_one = event.code == expected.code && event.umask == expected.umask;
      EXPECT_EQ(fp_arith_count(totals, event), this_one ? expected.count : 0)
          << to_string(expected.what) << " " << event.name;
    }
  }
}

// The reason for the active lanes: perf stat's FLOPs are those of the register width.
TEST(FpArith, FlopsAreElementsTimesCounts) {
  EXPECT_EQ(fp_arith_flops(seven({fma, f32, 16})), 7 * 32);
  EXPECT_EQ(fp_arith_flops(seven({add, f64, 1}) + seven({fma, f64, 4})), 7 + 7 * 8);
  EXPECT_EQ(fp_arith_flops(seven({dot, i8, 16, 4})), 0);
}

TEST(AmdFlops, TellsOperationsApartAndCountsLanes) {
  const Totals totals = seven({add, f32, 8}) + seven({multiply, f32, 4}) + seven({divide, f64, 2}) +
                        seven({square_root, f64, 1}) + seven({fma, f32, 16}) +
                        seven({dot, bf16, 16, 2}) + seven({dot, i8, 16, 4}) + seven({add, f80, 1}) +
                        seven({multiply, i32, 8});
  EXPECT_EQ(amd_flops(totals, 0x01), 7 * 8);
  EXPECT_EQ(amd_flops(totals, 0x02), 7 * 4);
  EXPECT_EQ(amd_flops(totals, 0x04), 7 * 2 + 7);
  EXPECT_EQ(amd_flops(totals, 0x08), 7 * 16 * 2);
  EXPECT_EQ(amd_flops(totals, 0x10), 7 * 16 * 2 * 2);
  EXPECT_EQ(amd_flops(totals, 0x0F), 7 * (8 + 4 + 3 + 32));
  EXPECT_EQ(amd_flops(seven({dot, f32, 1, 4}), 0x03), 7 * 8);
}

}  // namespace
}  // namespace flopmeter::executed
