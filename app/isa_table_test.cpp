#include "app/isa_table.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace flopmeter {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

IsaRow timed_row(std::string isa, std::vector<double> samples, std::int64_t instructions) {
  IsaRow row{.isa = isa, .effective = std::move(isa), .record = {}};
  row.record.status = "ok";
  row.record.convention = "flop2 in-bounds";
  row.record.macs_in_bounds = 1'000'000;
  row.record.samples = std::move(samples);
  row.record.seconds = 4e-3;
  row.record.gflops = 0.5;  // 2 x 10^6 in 4 ms
  row.executed = {{"active", {{"multiplies", 1'000'001}, {"adds", 1'000'002}}},
                  {"instructions", instructions},
                  {"fma_share", 0.25}};
  return row;
}

IsaRow absent_row(std::string isa, std::string status, std::string reason) {
  IsaRow row{.isa = std::move(isa), .effective = {}, .record = {}};
  row.record.status = std::move(status);
  row.record.reason = std::move(reason);
  row.record.convention = "flop2 in-bounds";
  return row;
}

std::vector<IsaRow> three() {
  return {timed_row("sse41", {8e-3, 4e-3, 2e-3}, 3'000'000),
          absent_row("avx2", "unavailable", "this CPU is too old"),
          timed_row("avx512_core", {5e-4, 1e-3}, 250'000)};
}

// Prevents a ratio of samples that something interrupted.
TEST(IsaRatios, AreOfTheFastestSamples) {
  const auto ratios = ratios_to_best(three());
  EXPECT_EQ(ratios[0], 0.25);
  EXPECT_EQ(ratios[1], std::nullopt);
  EXPECT_EQ(ratios[2], 1);
  EXPECT_EQ(ratios_to_best({absent_row("avx", "failed", "x")})[0], std::nullopt);
}

TEST(IsaRow, InstructionsAreOverTheMacsOfTheFormula) {
  EXPECT_EQ(three()[0].instructions_per_mac(), 3);
  EXPECT_EQ(three()[1].instructions_per_mac(), std::nullopt);
  IsaRow activation = three()[0];
  activation.record.macs_in_bounds = 0;
  EXPECT_EQ(activation.instructions_per_mac(), std::nullopt);
}

TEST(IsaRow, GoesThroughJson) {
  const IsaRow row = three()[0];
  const IsaRow again = isa_row_from_json(Json::parse(to_json(row).dump()));
  EXPECT_EQ(to_json(again), to_json(row));
  EXPECT_EQ(again.count("active", "adds"), 1'000'002);
  EXPECT_EQ(again.share("fma_share"), 0.25);
  EXPECT_EQ(again.share("dot_share"), std::nullopt);
  EXPECT_EQ(again.record.samples.size(), 3U);
  EXPECT_ANY_THROW(isa_row_from_json(Json::parse("[1]")));
}

TEST(IsaTable, HasCountsRatesOfTheFastestSampleAndReasons) {
  const std::string text = isa_table(three());
  EXPECT_THAT(text, HasSubstr("1,000,001"));
  EXPECT_THAT(text, HasSubstr("3,000,000"));
  EXPECT_THAT(text, HasSubstr("25.0 %"));
  EXPECT_THAT(text, HasSubstr("2.000 ms  4.000 ms   1.000  0.250\n"));
  EXPECT_THAT(text, HasSubstr("500.0 us  4.000 ms   4.000  1.000\n"));
  EXPECT_THAT(text, HasSubstr("\navx2         unavailable: this CPU is too old\n"));
  EXPECT_THAT(text, HasSubstr("GFLOPS"));
  EXPECT_THAT(text, Not(HasSubstr("noisy")));
}

TEST(IsaTable, SaysWhatWasNoisyNotCountedOrChanged) {
  auto rows = three();
  rows[0].record.status = "noisy";
  rows[0].record.reason = "the peak moved";
  rows[0].executed["disagreement"] = "result 0: 1 when counted, 2 when not";
  rows[2].executed = {{"unavailable", "no xsave"}};
  const std::string text = isa_table(rows);
  EXPECT_THAT(text, HasSubstr("sse41: noisy: the peak moved\n"));
  EXPECT_THAT(text, HasSubstr("sse41: RESULT CHANGED: result 0"));
  EXPECT_THAT(text, HasSubstr("avx512_core: not counted: no xsave\n"));
}

// Prevents integers from being called FLOPS.
TEST(IsaTable, IntegersAreRatedInMacs) {
  auto rows = three();
  for (IsaRow& row : rows) {
    row.record.convention = "mac in-bounds";
    row.record.gmacs_per_second = row.record.gflops;
    row.record.gflops.reset();
  }
  EXPECT_THAT(isa_table(rows), HasSubstr("GMAC/s"));
  EXPECT_THAT(isa_table(rows), Not(HasSubstr("GFLOPS")));
}

TEST(IsaVerdict, ComparesTheBestWithTheNarrowest) {
  EXPECT_EQ(isa_verdict(three()),
            "avx512_core is 4.00 times as fast as sse41, which executes 12.00 times its "
            "instructions\n");
  EXPECT_EQ(isa_verdict({three()[0], three()[1]}), "");
}

TEST(MeasureIsa, AnotherInstructionSetIsUnavailable) {
  const Problem problem = parse_problem(find_layer("linear"), "mb1ic2oc3");
  const BenchCase what{{problem, Pass::forward, "onednn", Dtype::f32}};
  const IsaRow row = measure_isa("no_such_isa", what, BenchmarkFlags{});
  EXPECT_EQ(row.record.status, "unavailable");
  EXPECT_THAT(row.record.reason, StartsWith("oneDNN uses "));
  EXPECT_THAT(row.record.reason, HasSubstr("not no_such_isa"));
  EXPECT_FALSE(timed(row));
}

// The test program is no flopmeter: it prints something else, here that it ran no test.
TEST(MeasureIsa, AChildThatFailsIsARow) {
  const Problem problem = parse_problem(find_layer("linear"), "mb1ic2oc3");
  const BenchCase what{{problem, Pass::forward, "onednn", Dtype::f32}};
  setenv("GTEST_FILTER", "Nothing.AtAll", 1);
  const IsaRow row = measure_isa_in_child("sse41", what, BenchmarkFlags{});
  unsetenv("GTEST_FILTER");
  EXPECT_EQ(row.record.status, "failed");
  EXPECT_NE(row.record.reason, "");
  EXPECT_EQ(row.record.name, what.name());
}

}  // namespace
}  // namespace flopmeter
