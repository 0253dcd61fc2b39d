#include "counters/retired/scaling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "counters/op_counts.h"

namespace flopmeter::retired {
namespace {

using testing::ElementsAre;

constexpr auto largest = std::numeric_limits<std::int64_t>::max();

PlannedEvent event(bool hybrid = false) {
  return {.event = {"fp_512_f32", "", 16, "f32"},
          .name = hybrid ? "cpu_core/fp_512_f32" : "fp_512_f32",
          .device = hybrid ? "cpu_core" : "cpu",
          .hybrid = hybrid,
          .rule = "",
          .encoding = {}};
}

// The words of read(2) as the kernel lays them out for three events, little endian.
constexpr std::array<std::uint64_t, 6> recorded{3, 10'003'112, 4'001'245, 26'214'400, 7, 0};

TEST(RetiredScaling, ReadsAGroupAsTheKernelLaysItOut) {
  const auto group = parse_group(recorded, 3);
  ASSERT_TRUE(group);
  EXPECT_EQ(group->enabled, 10'003'112);
  EXPECT_EQ(group->running, 4'001'245);
  EXPECT_THAT(group->counts, ElementsAre(26'214'400, 7, 0));
}

// Prevents counts from being taken from a reading of another shape.
TEST(RetiredScaling, RefusesAReadingOfAnotherGroup) {
  EXPECT_FALSE(parse_group(recorded, 2));
  EXPECT_FALSE(parse_group(std::span(recorded).first(5), 3));
  EXPECT_FALSE(parse_group({}, 0));
  EXPECT_FALSE(parse_group(std::span(recorded).first(3), 0));
}

TEST(RetiredScaling, CountsFromOneReadingToTheNext) {
  const GroupReading before{1000, 900, {5, 70}};
  const auto added = difference({4000, 1400, {12, 70}}, before);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->enabled, 3000);
  EXPECT_EQ(added->running, 500);
  EXPECT_THAT(added->counts, ElementsAre(7, 0));
  EXPECT_FALSE(difference({4000, 1400, {4, 70}}, before));
  EXPECT_FALSE(difference({4000, 800, {12, 70}}, before));
  EXPECT_FALSE(difference({4000, 1400, {12}}, before));
}

TEST(RetiredScaling, ExtrapolatesToTheWholeTimeAndRounds) {
  EXPECT_EQ(scale(100, 4000, 1000), 400);
  EXPECT_EQ(scale(26'214'400, 10'003'112, 4'001'245), 65'535'997);  // 65535996.72
  EXPECT_EQ(scale(5, 3, 2), 8);                                     // 7.5
  EXPECT_EQ(scale(0, 4000, 1), 0);
}

// raw * enabled is 2^93 here: it must not wrap on the way to a result that fits.
TEST(RetiredScaling, KeepsTheWholeProduct) {
  const std::uint64_t hour = 3'600'000'000'000;
  EXPECT_EQ(scale(std::uint64_t{1} << 51, hour, hour / 2), std::int64_t{1} << 52);
  EXPECT_EQ(scale(largest, hour, hour), largest);
  EXPECT_THROW(scale(largest, hour, hour / 2), CountOverflow);
  EXPECT_THROW(scale(std::numeric_limits<std::uint64_t>::max(), 1, 1), CountOverflow);
}

TEST(RetiredScaling, IsExactWhenItCountedAllTheTime) {
  const Value value = value_of(event(), 4096, 1000, 1000);
  EXPECT_EQ(value.name, "fp_512_f32");
  EXPECT_EQ(value.count, 4096);
  EXPECT_EQ(value.validity, Validity::exact);
  EXPECT_EQ(value.running, 1);
  EXPECT_EQ(value.reason, "");
}

TEST(RetiredScaling, SaysHowMuchOfTheTimeItCounted) {
  const Value value = value_of(event(), 1024, 1000, 250);
  EXPECT_EQ(value.count, 4096);
  EXPECT_EQ(value.validity, Validity::scaled);
  EXPECT_EQ(value.running, 0.25);
  EXPECT_EQ(value.reason, "counted 25.0 % of the time and scaled");
}

// Prevents a 0 that nobody counted.
TEST(RetiredScaling, IsUnavailableWhenItNeverCounted) {
  const Value value = value_of(event(), 0, 1000, 0);
  EXPECT_EQ(value.validity, Validity::unavailable);
  EXPECT_EQ(value.reason, "never scheduled: the counters were taken all the time");
  EXPECT_EQ(value_of(event(), 0, 0, 0).validity, Validity::unavailable);
}

// What a thread did on the other kind of core is not more of the same.
TEST(RetiredScaling, NeverScalesAKindOfCore) {
  const Value part = value_of(event(true), 1024, 1000, 250);
  EXPECT_EQ(part.validity, Validity::unavailable);
  EXPECT_EQ(part.reason, "counted 25.0 % of the time on cpu_core: pin the thread to one core");
  EXPECT_EQ(value_of(event(true), 0, 1000, 0).reason, "the thread did not run on cpu_core");
  EXPECT_EQ(value_of(event(true), 1024, 1000, 1000).count, 1024);
}

}  // namespace
}  // namespace flopmeter::retired
