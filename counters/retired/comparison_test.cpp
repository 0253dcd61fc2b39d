#include "counters/retired/comparison.h"

#include <gmock/gmock.h>

#include "counters/retired/counters.h"
#include "counters/retired/fake_perf_events.h"

namespace flopmeter::retired {
namespace {

using executed::Element;
using executed::Operation;
using executed::Totals;

// 64 FMAs of 16 lanes, half of which were masked; 3 scalar adds, 5 compares and 7 conversions.
Totals executed_totals() {
  Totals totals;
  totals.add({Operation::fma, Element::f32, 16, 1, 1}, 64, 64 * 8, 64 * 16);
  totals.add({Operation::add, Element::f64, 1, 1, 0}, 3, 3, 3);
  totals.add({Operation::compare, Element::f32, 16, 1, 0}, 5, 5 * 16, 5 * 16);
  totals.add({Operation::convert, Element::f32, 16, 1, 0}, 7, 7 * 16, 7 * 16);
  return totals;
}

class RetiredComparison : public testing::Test {
 protected:
  /// What `executed_totals` would be on a machine that counts them so.
  CaseComparison on(Machine machine, std::map<std::uint64_t, std::uint64_t> counts) {
    events_.counters = 20;
    events_.interval = {{0x01c7, 64}, {0x0103, 64}, {0x1003, 64}, {0x01c8, 64}};
    Counters counters(events_, machine);
    events_.interval = std::move(counts);
    return compare(counters.measure([] {}), executed_totals());
  }

  FakePerfEvents events_;
  Machine xeon_{{"GenuineIntel", 6, 85}, {"skx"}, "/nonexistent"};
};

TEST_F(RetiredComparison, FmasTwiceMaskedLanesInFullNoConversions) {
  const CaseComparison found = on(xeon_, {{0x80c7, 128}, {0x01c7, 3}});
  EXPECT_EQ(found.expected, 128 * 16 + 3);
  EXPECT_EQ(found.flops.count, 128 * 16 + 3);
  EXPECT_EQ(found.verdict(), CaseVerdict::agrees);
  EXPECT_EQ(to_string(found), "2051 FLOPs by its rule, executed 2051: agrees");
  EXPECT_THAT(found.rule, testing::HasSubstr("FMA twice"));
}

// Prevents a CPU that counts otherwise from passing for one that agrees.
TEST_F(RetiredComparison, ADeviationIsReportedWithItsEvent) {
  const CaseComparison found = on(xeon_, {{0x80c7, 130}, {0x01c7, 3}});
  EXPECT_EQ(found.verdict(), CaseVerdict::deviates);
  EXPECT_EQ(to_string(found),
            "2083 FLOPs by its rule, executed 2051: deviates by +32 (+1.56 %): fp_512_f32 counted "
            "130 for 128");
}

// Prevents two faults that cancel out in the sum: 16 scalars for one of 16 lanes.
TEST_F(RetiredComparison, TheSumAloneDoesNotAgree) {
  const CaseComparison found = on(xeon_, {{0x80c7, 127}, {0x01c7, 3}, {0x02c7, 16}});
  EXPECT_EQ(found.flops.count, found.expected);
  EXPECT_EQ(found.verdict(), CaseVerdict::deviates);
  EXPECT_EQ(to_string(found),
            "2051 FLOPs by its rule, executed 2051: deviates by +0 (+0 %): fp_scalar_f32 counted "
            "16 for 0, fp_512_f32 counted 127 for 128");
}

TEST_F(RetiredComparison, AmdCountsLanes) {
  const std::map<std::uint64_t, std::uint64_t> counts{{0x0103, 3}, {0x0803, 2 * 64 * 16}};
  const Machine zen4{{"AuthenticAMD", 0x19, 0x11}, {"amd64_fam19h_zen4"}, "/none"};
  EXPECT_EQ(to_string(on(zen4, counts)), "2051 FLOPs by its rule, executed 2051: agrees");
  // f32 in the low four bits of the unit mask, f64 in the high ones.
  const Machine zen1{{"AuthenticAMD", 0x17, 0x01}, {"amd64_fam17h_zen1"}, "/none"};
  EXPECT_EQ(on(zen1, counts).verdict(), CaseVerdict::deviates);
  EXPECT_EQ(to_string(on(zen1, {{0x1003, 3}, {0x0803, 2 * 64 * 16}})),
            "2051 FLOPs by its rule, executed 2051: agrees");
}

TEST_F(RetiredComparison, WhatAnECoreWeighsIsNotCompared) {
  const CaseComparison found =
      on({{"GenuineIntel", 6, 0xAF}, {}, "/none"}, {{0x01c8, 3}, {0x02c8, 2048}});
  EXPECT_FALSE(found.expected);
  EXPECT_EQ(to_string(found),
            "2051 FLOPs by its rule, not compared: how the event weighs the instructions is not "
            "known");
}

TEST_F(RetiredComparison, EstimatesAreNotCompared) {
  events_.times = {{1000, 250}};
  const CaseComparison found = on(xeon_, {{0x80c7, 32}, {0x01c7, 3}});
  EXPECT_EQ(found.verdict(), CaseVerdict::not_compared);
  EXPECT_THAT(to_string(found), testing::HasSubstr("25.0 % of the time and scaled"));
}

TEST_F(RetiredComparison, AbsenceHasItsReason) {
  events_.refused = {{1, ENOENT}};
  const CaseComparison found = on(xeon_, {});
  EXPECT_EQ(found.verdict(), CaseVerdict::unavailable);
  EXPECT_TRUE(found.events.empty());
  EXPECT_EQ(to_string(found), "unavailable: this machine exposes no performance events");
}

}  // namespace
}  // namespace flopmeter::retired
