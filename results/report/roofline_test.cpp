#include "results/report/roofline.h"

#include <gmock/gmock.h>

#include "results/report/roofline_svg.h"

namespace flopmeter::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A machine of 100 GFLOPS with FMA, 50 with additions, and 20 GB/s from memory, on one core; of
/// 200 GFLOPS and 40 GB/s on four.
Machine small_machine() {
  const auto peak = [](const char* operation, std::int64_t cores, double rate) {
    return ThroughputRow{
        .operation = operation, .dtype = "f32", .cores = cores, .burst = rate, .status = "ok"};
  };
  const auto load = [](std::int64_t cores, double rate) {
    return BandwidthRow{
        .operation = "load", .level = "DRAM", .cores = cores, .burst = rate, .status = "ok"};
  };
  Machine machine;
  machine.throughput = {peak("add", 1, 50e9), peak("FMA", 1, 100e9), peak("FMA", 2, 150e9),
                        peak("FMA", 4, 200e9)};
  machine.throughput.push_back({.operation = "FMA", .dtype = "f16", .status = "unavailable"});
  machine.bandwidth = {load(1, 20e9), load(4, 40e9)};
  return machine;
}

/// One row of 10 GFLOPS at 1 FLOP/byte.
ReportData one_point(bool with_machine) {
  StoredResults results;
  results.environments.push_back({"aa", {}});
  if (with_machine) {
    results.machines.push_back({"aa", small_machine()});
  }
  Record row;
  row.name = "a/forward/b/f32/c";
  row.backend = "b";
  row.dtype = "f32";
  row.threads = 1;
  row.status = "ok";
  row.gflops = 10;
  row.intensity = 1;
  row.peak_gflops = 80;
  row.memory_level = "L2";
  row.roof_gbytes_per_second = 60;
  results.records.push_back({"aa", row});
  const std::vector<SourceFile> files{{"test.jsonl", results}};
  return merge(files);
}

TEST(LogScale, Decades) {
  const Decades decades = decades_around(std::vector<double>{0.02, 0, 100, 35});
  EXPECT_EQ(decades.first, -2);
  EXPECT_EQ(decades.last, 2);
  const LogScale scale{decades, 100, 500};
  EXPECT_DOUBLE_EQ(scale(0.01), 100);
  EXPECT_DOUBLE_EQ(scale(1), 300);
  EXPECT_DOUBLE_EQ(scale(100), 500);
}

// Prevents a division by zero where all values are the same power of ten, or there are none.
TEST(LogScale, DecadesAreNeverEmpty) {
  const Decades one = decades_around(std::vector<double>{10});
  EXPECT_EQ(one.last - one.first, 1);
  const Decades none = decades_around({});
  EXPECT_EQ(none.last - none.first, 1);
}

// Peaks begin at the ridge, 100 / 20 = 5 FLOP/byte, and slanted roofs end there. 2 cores are left
// out: only one and all are drawn; of the f32 instructions the fastest is.
TEST(Roofline, RoofsOfTheMachine) {
  const Roofline diagram = roofline(one_point(true), 0);
  EXPECT_TRUE(diagram.from_machine);
  EXPECT_EQ(diagram.most_cores, 4);
  ASSERT_EQ(diagram.roofs.size(), 4U);
  const Roof& peak = diagram.roofs[0];
  EXPECT_EQ(peak.meaning, "f32 peak, 1 core: 100.0 GFLOPS (FMA)");
  EXPECT_DOUBLE_EQ(peak.from.intensity, 5);
  EXPECT_DOUBLE_EQ(peak.from.gflops, 100);
  EXPECT_EQ(diagram.roofs[1].cores, 4);
  const Roof& memory = diagram.roofs[2];
  EXPECT_EQ(memory.meaning, "DRAM load, 1 core: 20.00 GB/s");
  EXPECT_DOUBLE_EQ(memory.to.intensity, 5);
  EXPECT_DOUBLE_EQ(memory.to.gflops, 100);
  EXPECT_DOUBLE_EQ(memory.from.gflops / memory.from.intensity, 20);
}

// Prevents a diagram without roofs where only bench was run.
TEST(Roofline, RoofsOfTheRowsWithoutAMachine) {
  const Roofline diagram = roofline(one_point(false), 0);
  EXPECT_FALSE(diagram.from_machine);
  ASSERT_EQ(diagram.roofs.size(), 2U);
  EXPECT_DOUBLE_EQ(diagram.roofs[0].value, 80);
  EXPECT_DOUBLE_EQ(diagram.roofs[1].value, 60);
}

// The diagram spans 1 to 10 FLOP/byte, from x = 64 to 640, and 10 to 1000 GFLOPS, from y = 548 to
// 74: 10 GFLOPS at 1 FLOP/byte lie in the lower left corner.
TEST(RooflineSvg, PointIsAtItsPixel) {
  ReportData data = one_point(true);
  const Roofline diagram = roofline(data, 0);
  EXPECT_EQ(diagram.intensity.first, 0);
  EXPECT_EQ(diagram.intensity.last, 1);
  EXPECT_EQ(diagram.gflops.first, 1);
  EXPECT_EQ(diagram.gflops.last, 3);
  EXPECT_THAT(roofline_svg(std::vector{diagram}, data),
              HasSubstr(R"svg(class="point" transform="translate(64.00,548.00)")svg"));
  data.rows[0].record.gflops = 100;  // the middle of two decades
  EXPECT_THAT(roofline_svg(rooflines(data), data), HasSubstr(R"svg("translate(64.00,311.00)")svg"));
}

// Prevents names of roofs on top of each other.
TEST(RooflineSvg, NamesArePushedApart) {
  EXPECT_THAT(pushed_apart({10, 12, 50}, 17), ElementsAre(10, 27, 50));
}

// Prevents a drawing that a label from a file can break, or that depends on another file.
TEST(RooflineSvg, TextIsEscapedAndNothingIsFetched) {
  ReportData data = one_point(true);
  data.rows[0].record.label = "<b>\"&";
  const std::string svg = roofline_svg(rooflines(data), data);
  EXPECT_THAT(svg, HasSubstr("(&lt;b&gt;&quot;&amp;)"));
  EXPECT_THAT(svg, testing::Not(HasSubstr("href")));
}

TEST(RooflineSvg, SaysThatNothingIsThere) {
  EXPECT_THAT(roofline_svg({}, ReportData{}), HasSubstr("No row with a rate and an intensity."));
}

}  // namespace
}  // namespace flopmeter::report
