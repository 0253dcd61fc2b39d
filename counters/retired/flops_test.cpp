#include "counters/retired/flops.h"

#include <gtest/gtest.h>

#include <limits>

#include "counters/op_counts.h"
#include "counters/retired/scaling.h"

namespace flopmeter::retired {
namespace {

Reading reading(Event event, Value value, std::string device = "cpu") {
  value.name = event.name;
  return {{.event = event,
           .name = std::string(event.name),
           .device = std::move(device),
           .hybrid = false,
           .rule = "",
           .encoding = {}},
          std::move(value)};
}

Value exact(std::int64_t count) { return {.name = "", .count = count, .reason = {}}; }

Value scaled(std::int64_t count, double running) {
  return {.name = "",
          .count = count,
          .validity = Validity::scaled,
          .running = running,
          .reason = "counted part of the time"};
}

constexpr Event instructions{"instructions", "", 0, ""};
constexpr Event scalar_f64{"fp_scalar_f64", "", 1, "f64"};
constexpr Event wide_f32{"fp_512_f32", "", 16, "f32"};
constexpr Event wide_f16{"fp_512_f16", "", 32, "f16"};

// 4096 FMAs of 16 lanes: the CPU counts each twice, so nothing here may double again.
TEST(RetiredFlops, AreLanesTimesCount) {
  const Readings readings{reading(instructions, exact(1'000'000)), reading(scalar_f64, exact(3)),
                          reading(wide_f32, exact(8192)), reading(wide_f16, exact(5))};
  EXPECT_EQ(flops(readings).count, 131'235);
  EXPECT_EQ(flops(readings).name, "flops");
  EXPECT_EQ(flops(readings).validity, Validity::exact);
  EXPECT_EQ(flops(readings, "f32").count, 131'072);
  EXPECT_EQ(flops(readings, "f32").name, "flops_f32");
  EXPECT_EQ(flops(readings, "f64").count, 3);
}

TEST(RetiredFlops, AreAsValidAsTheirLeastValidPart) {
  const Readings readings{reading(scalar_f64, exact(3)), reading(wide_f32, scaled(10, 0.25)),
                          reading(wide_f16, scaled(1, 0.5))};
  const Value total = flops(readings);
  EXPECT_EQ(total.count, 3 + 160 + 32);
  EXPECT_EQ(total.validity, Validity::scaled);
  EXPECT_EQ(total.running, 0.25);
  EXPECT_EQ(total.reason, "fp_512_f32: counted part of the time");
  EXPECT_EQ(flops(readings, "f64").validity, Validity::exact);
}

// Prevents a sum in which a part is silently missing.
TEST(RetiredFlops, AreUnavailableWithoutOneOfTheirParts) {
  const Readings readings{reading(scalar_f64, exact(3)),
                          reading(wide_f32, unavailable("", "never scheduled"))};
  const Value total = flops(readings);
  EXPECT_EQ(total.validity, Validity::unavailable);
  EXPECT_EQ(total.count, 0);
  EXPECT_EQ(total.reason, "fp_512_f32: never scheduled");
}

TEST(RetiredFlops, GiveTheReasonThatAllPartsShareOnce) {
  const Readings readings{reading(scalar_f64, unavailable("", "no PMU")),
                          reading(wide_f32, unavailable("", "no PMU"))};
  EXPECT_EQ(flops(readings).reason, "no PMU");
}

TEST(RetiredFlops, AreUnavailableWhereTypesAreNotToldApart) {
  const Readings amd{reading({"flops_add", "", 1, "any"}, exact(7)),
                     reading({"flops_mac", "", 1, "any"}, exact(20))};
  EXPECT_EQ(flops(amd).count, 27);
  EXPECT_EQ(flops(amd, "f32").reason, "no event of this CPU counts them apart");
  EXPECT_EQ(flops({}).validity, Validity::unavailable);
}

TEST(RetiredFlops, OfAHybridCpuAreThoseOfTheCoreItWasOn) {
  const Event e_core{"flops_f32", "", 1, "f32"};
  const Reading on_core = reading(wide_f32, exact(10), "cpu_core");
  const Reading not_core = reading(wide_f32, unavailable("", "not on cpu_core"), "cpu_core");
  const Reading on_atom = reading(e_core, exact(80), "cpu_atom");
  const Reading not_atom = reading(e_core, unavailable("", "not on cpu_atom"), "cpu_atom");
  EXPECT_EQ(flops({on_core, not_atom}).count, 160);
  EXPECT_EQ(flops({not_core, on_atom}).count, 80);
  EXPECT_EQ(flops({not_core, not_atom}).reason, "fp_512_f32: not on cpu_core");
}

TEST(RetiredFlops, DoNotWrap) {
  const Readings readings{reading(wide_f32, exact(std::numeric_limits<std::int64_t>::max() / 8))};
  EXPECT_THROW(flops(readings), CountOverflow);
}

TEST(RetiredValue, IsFoundByItsName) {
  const Readings readings{reading(scalar_f64, exact(3))};
  EXPECT_EQ(find(readings, "fp_scalar_f64").count, 3);
  EXPECT_EQ(find(readings, "cycles").reason, "no event is called cycles");
  EXPECT_EQ(to_string(Validity::scaled), "scaled");
}

}  // namespace
}  // namespace flopmeter::retired
