#include "bench/row.h"

#include <gmock/gmock.h>

#include <cmath>

namespace flopmeter {
namespace {

using testing::ElementsAre;

BenchCase what() {
  // 2 x 3 x 5 MACs; 3 operands of 6, 15 and 10 elements.
  return {{parse_problem(find_layer("matmul"), "2x3:3x5n\"label\""), Pass::forward, "eigen",
           Dtype::bf16},
          2,
          Cache::cold};
}

Measurement measured() {
  return {.verdict = {"ok", ""},
          .agreement = Agreement{.passed = true, .max_error = 0.25, .tolerance = 0.5},
          .implementation = "brgemm",
          .peak_instruction = "vdpbf16ps zmm",
          .samples = {{100, 4e-9, 50e9}, {100, 3e-9, 40e9}, {100, 5e-9, 40e9}}};
}

TEST(Row, SaysWhatWasMeasured) {
  const Record record = row(what(), measured());
  EXPECT_EQ(record.name, "matmul/forward/eigen/bf16/2x3:3x5");
  EXPECT_EQ(record.label, "label");
  EXPECT_EQ(record.threads, 2);
  EXPECT_EQ(record.cache, "cold");
  EXPECT_EQ(record.status, "ok");
  EXPECT_EQ(record.implementation, "brgemm");
  EXPECT_EQ(record.max_error, 0.25);
  EXPECT_EQ(record.tolerance, 0.5);
}

// Prevents the numbers from being of different conventions or units.
TEST(Row, Rates) {
  const Record record = row(what(), measured());
  EXPECT_EQ(record.macs_in_bounds, 30);
  EXPECT_EQ(record.flops, 60);
  EXPECT_EQ(record.convention, "flop2 in-bounds");
  EXPECT_EQ(record.bytes, 2 * (6 + 15 + 10));
  EXPECT_THAT(record.samples, ElementsAre(4e-9, 3e-9, 5e-9));
  EXPECT_DOUBLE_EQ(*record.seconds, 4e-9);
  EXPECT_DOUBLE_EQ(*record.spread, 0.5);
  EXPECT_EQ(record.calls, 100);
  EXPECT_DOUBLE_EQ(*record.gflops, 15);
  EXPECT_DOUBLE_EQ(*record.gmacs_per_second, 7.5);
  EXPECT_DOUBLE_EQ(*record.gbytes_per_second, 15.5);
  EXPECT_DOUBLE_EQ(*record.intensity, 60.0 / 62);
}

// oneDNN makes both gradients of a normalisation at once: a rate by one of them was a half.
TEST(Row, RatesAreOfAllThatWasComputed) {
  const Problem problem = parse_problem(find_layer("linear"), "mb2ic3oc5");
  const BenchCase backward{{problem, Pass::backward_data, "onednn", Dtype::f32}};
  Measurement measurement = measured();
  const Record alone = row(backward, measurement);
  EXPECT_EQ(alone.flops, 2 * 30);
  EXPECT_EQ(alone.bytes, 4 * (10 + 15 + 6));
  measurement.computes = {Pass::backward_data, Pass::backward_weights};
  const Record joint = row(backward, measurement);
  EXPECT_EQ(joint.flops, 2 * (30 + 30));
  EXPECT_EQ(joint.macs_in_bounds, 30 + 30);
  EXPECT_EQ(joint.bytes, 4 * (10 + 15 + 6 + 6 + 15 + 5)) << "diff_dst once";
  EXPECT_DOUBLE_EQ(*joint.gflops, 2 * *alone.gflops);
  EXPECT_EQ(joint.convention, "flop2 in-bounds of both gradients");
}

// A layer of the registry whose counts are replaced, to be held against the same measurement.
struct Recounted {
  AnyLayer layer = find_layer("matmul");

  explicit Recounted(const OpCounts& counts) {
    layer.formula = [counts](const Values&, Pass) { return unpadded(0, counts); };
  }
  Record row() const {
    BenchCase changed = what();
    changed.subject.problem.layer = &layer;
    return flopmeter::row(changed, measured());
  }
};

// Prevents activations and norms from having no GFLOPS: 20 adds, 8 multiplies, 2 divides in 4 ns.
TEST(Row, WithoutMacsEveryOperationIsRated) {
  const Recounted activation({.multiplies = 8, .adds = 20, .divides = 2, .exponentials = 5});
  const Record record = activation.row();
  EXPECT_EQ(record.convention, "exact in-bounds");
  EXPECT_EQ(record.flops, 30);
  EXPECT_DOUBLE_EQ(*record.gflops, 7.5);
  EXPECT_DOUBLE_EQ(*record.intensity, 30.0 / 62);
  EXPECT_DOUBLE_EQ(*record.percent_of_peak, 15);
  EXPECT_FALSE(record.gmacs_per_second);
}

// Prevents a look-up, or a maximum, from having 0 GFLOPS, which would read as infinitely slow.
TEST(Row, WithoutOperationsThereAreTimesAndTrafficOnly) {
  const Recounted clamp({.comparisons = 10});
  const Record record = clamp.row();
  EXPECT_EQ(record.flops, 0);
  EXPECT_EQ(record.status, "ok");
  EXPECT_DOUBLE_EQ(*record.seconds, 4e-9);
  EXPECT_DOUBLE_EQ(*record.gbytes_per_second, 15.5);
  EXPECT_FALSE(record.gflops);
  EXPECT_FALSE(record.gmacs_per_second);
  EXPECT_FALSE(record.intensity);
  EXPECT_FALSE(record.percent_of_peak);
}

TEST(Row, Peak) {
  const Record record = row(what(), measured());
  EXPECT_EQ(record.peak_instruction, "vdpbf16ps zmm");
  EXPECT_DOUBLE_EQ(*record.peak_gflops, 40);
  EXPECT_DOUBLE_EQ(*record.peak_spread, 0.25);
  EXPECT_THAT(record.peak_samples, ElementsAre(50, 40, 40));
  // 15 of 50, 20 of 40 and 12 of 40 GFLOPS
  EXPECT_DOUBLE_EQ(*record.percent_of_peak, 30);
}

TEST(Row, Roofs) {
  Measurement measurement = measured();
  measurement.memory_level = "L1";
  measurement.overhead_seconds = 1e-9;
  for (Sample& sample : measurement.samples) {
    sample.bandwidth = 31e9;  // 2 ns for the 62 bytes
  }
  const Record record = row(what(), measurement);
  EXPECT_THAT(record.peak_samples, ElementsAre(50, 40, 40));
  EXPECT_THAT(record.roof_samples, ElementsAre(31, 31, 31));
  EXPECT_EQ(record.memory_level, "L1");
  EXPECT_DOUBLE_EQ(*record.percent_of_attainable, 50);
  EXPECT_DOUBLE_EQ(*record.attainable_gflops, 30);
  EXPECT_EQ(record.bound, "L1");
}

// Prevents zeros from standing for what was never measured.
TEST(Row, WithoutSamplesHasNoTimes) {
  const Record record = row(what(), {.verdict = {"unavailable", "no bf16"}});
  EXPECT_EQ(record.status, "unavailable");
  EXPECT_EQ(record.reason, "no bf16");
  EXPECT_EQ(record.flops, 60);
  EXPECT_FALSE(record.seconds);
  EXPECT_FALSE(record.gflops);
  EXPECT_FALSE(record.percent_of_peak);
  EXPECT_FALSE(record.max_error);
}

TEST(Row, AnErrorThatIsNoNumberStaysEmpty) {
  const Record record =
      row(what(), {.verdict = {"failed", "nan"}, .agreement = Agreement{.max_error = NAN}});
  EXPECT_FALSE(record.max_error);
}

TEST(Row, CountsThatOverflowStayEmpty) {
  const auto problem =
      parse_problem(find_layer("matmul"), "4000000000x4000000000:4000000000x4000000000");
  const Record record = planned_row({{problem, Pass::forward, "eigen", Dtype::f32}});
  EXPECT_FALSE(record.flops);
  EXPECT_FALSE(record.bytes);
}

// 8-bit integers are rated in MACs: GFLOPS of integers would be compared with those of f32.
TEST(Row, IntegersHaveNoFlops) {
  BenchCase integers = what();
  integers.subject.dtype = Dtype::s8;
  const Record record =
      row(integers,
          {.verdict = {"ok", ""}, .peak_instruction = "vpdpbusd zmm", .samples = {{1, 1e-3, 1e9}}});
  EXPECT_FALSE(record.flops);
  EXPECT_FALSE(record.gflops);
  EXPECT_FALSE(record.peak_gflops);
  EXPECT_THAT(record.peak_samples, ElementsAre(1));
  EXPECT_EQ(record.convention, "mac in-bounds");
  EXPECT_TRUE(record.gmacs_per_second);
  EXPECT_TRUE(record.percent_of_peak);
}

}  // namespace
}  // namespace flopmeter
