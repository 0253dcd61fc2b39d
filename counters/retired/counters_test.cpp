#include "counters/retired/counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "counters/retired/fake_perf_events.h"
#include "counters/retired/fake_root.h"

namespace flopmeter::retired {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

Machine skylake_x() { return {{"GenuineIntel", 6, 85}, {"skx"}, "/nonexistent"}; }

class RetiredCounters : public testing::Test {
 protected:
  // Sees the additions by which the counters are tried out.
  RetiredCounters() { events.interval = {{0, 300}, {1, 400}, {0x01c7, 64}}; }

  FakePerfEvents events;
};

TEST_F(RetiredCounters, CountsFromStartToStop) {
  events.counters = 10;
  Counters counters(events, skylake_x());
  EXPECT_EQ(counters.status(), "retired: 10 of 10 events in 1 group");
  events.interval = {{0, 5000}, {1, 9000}, {0x01c7, 2}, {0x80c7, 8192}};
  for (int again = 0; again < 2; ++again) {  // the kernel's totals go on, ours begin anew
    counters.start();
    counters.stop();
    const Readings readings = counters.read();
    EXPECT_EQ(find(readings, "cycles").count, 5000);
    EXPECT_EQ(find(readings, "instructions").count, 9000);
    EXPECT_EQ(find(readings, "fp_512_f32").count, 8192);
    EXPECT_EQ(flops(readings).count, 2 + 8192 * 16);
    EXPECT_EQ(flops(readings).validity, Validity::exact);
    EXPECT_EQ(flops(readings, "f64").count, 2);
  }
}

TEST_F(RetiredCounters, OpensEventsOfThisThreadInUserSpaceOnly) {
  const Counters counters(events, skylake_x());
  for (const perf_event_attr& attributes : events.opened) {
    EXPECT_EQ(attributes.exclude_kernel, 1);
    EXPECT_EQ(attributes.exclude_hv, 1);
    EXPECT_EQ(attributes.inherit, 0);
    EXPECT_EQ(attributes.read_format, 0xb);  // group, enabled, running
    EXPECT_EQ(attributes.size, sizeof(perf_event_attr));
  }
}

TEST_F(RetiredCounters, SplitsWhatDoesNotFitIntoGroups) {
  events.counters = 4;
  const Counters counters(events, skylake_x());
  EXPECT_EQ(counters.status(), "retired: 10 of 10 events in 3 groups");
  EXPECT_THAT(events.groups(), ElementsAre(ElementsAre(0, 1, 0x01c7, 0x02c7),
                                           ElementsAre(0x04c7, 0x08c7, 0x10c7, 0x20c7),
                                           ElementsAre(0x40c7, 0x80c7)));
}

// The kernel accepts six events at once, but the NMI watchdog holds one of their counters.
TEST_F(RetiredCounters, MakesGroupsSmallerUntilTheyRun) {
  events.counters = 6;
  events.schedulable = 5;
  Counters counters(events, skylake_x());
  EXPECT_EQ(counters.status(), "retired: 10 of 10 events in 2 groups");
  EXPECT_EQ(events.open_descriptors(), 10);
  EXPECT_EQ(flops(counters.measure([] {})).count, 64);
}

TEST_F(RetiredCounters, SaysSoWhenNoGroupEverRuns) {
  events.schedulable = 0;
  Counters counters(events, skylake_x());
  EXPECT_EQ(counters.status(), "retired: 10 of 10 events in 10 groups");
  EXPECT_THAT(flops(counters.measure([] {})).reason, StartsWith("never scheduled"));
}

TEST_F(RetiredCounters, ScalesGroupsThatTookTurns) {
  events.counters = 4;
  Counters counters(events, skylake_x());
  events.interval = {{1, 900}, {0x01c7, 30}, {0x20c7, 10}, {0x80c7, 5}};
  events.times = {{1000, 1000}, {1000, 500}, {1000, 0}};
  counters.start();
  counters.stop();
  const Readings readings = counters.read();
  EXPECT_EQ(find(readings, "instructions").count, 900);
  EXPECT_EQ(find(readings, "instructions").validity, Validity::exact);
  EXPECT_EQ(find(readings, "fp_256_f32").count, 20);
  EXPECT_EQ(find(readings, "fp_256_f32").validity, Validity::scaled);
  EXPECT_EQ(find(readings, "fp_512_f32").validity, Validity::unavailable);
  EXPECT_THAT(find(readings, "fp_512_f32").reason, StartsWith("never scheduled"));
  EXPECT_EQ(flops(readings).validity, Validity::unavailable);
}

TEST_F(RetiredCounters, MeasuresOneGroupAfterTheOther) {
  events.counters = 4;
  Counters counters(events, skylake_x());
  events.interval = {{0x01c7, 30}, {0x20c7, 10}, {0x80c7, 5}};
  int calls = 0;
  const Value total = flops(counters.measure([&] { ++calls; }));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(total.count, 30 + 10 * 8 + 5 * 16);
  EXPECT_EQ(total.validity, Validity::exact);
}

TEST_F(RetiredCounters, KeepsCountingWithoutAnEventTheKernelRefuses) {
  events.counters = 16;
  events.refused[0x80c7] = EINVAL;
  Counters counters(events, skylake_x());
  EXPECT_EQ(counters.status(),
            "retired: 9 of 10 events in 1 group; this kernel does not take the event (EINVAL)");
  counters.start();
  counters.stop();
  EXPECT_EQ(find(counters.read(), "instructions").count, 400);
  EXPECT_EQ(flops(counters.read()).validity, Validity::unavailable);
  EXPECT_EQ(flops(counters.read(), "f64").count, 64);
}

// Prevents a hypervisor's 0 from being read as "no floating-point work".
TEST_F(RetiredCounters, DistrustsAnEventThatDoesNotCount) {
  events.interval.erase(0x01c7);
  Counters counters(events, skylake_x());
  counters.start();
  counters.stop();
  EXPECT_EQ(find(counters.read(), "instructions").count, 400);
  const Value value = find(counters.read(), "fp_scalar_f64");
  EXPECT_EQ(value.validity, Validity::unavailable);
  EXPECT_EQ(value.reason,
            "counts 0 of 64 additions: the hypervisor or kernel keeps the event back");
  EXPECT_EQ(flops(counters.read()).validity, Validity::unavailable);
}

TEST_F(RetiredCounters, SaysWhenTheKernelDoesNotHandOutCounts) {
  Counters counters(events, skylake_x());
  events.read_error = EIO;
  counters.start();
  counters.stop();
  EXPECT_EQ(find(counters.read(), "cycles").reason, "the kernel did not hand out the count");
}

TEST_F(RetiredCounters, ClosesWhatItOpened) {
  {
    const Counters counters(events, skylake_x());
    EXPECT_EQ(events.open_descriptors(), 10);
  }
  EXPECT_EQ(events.open_descriptors(), 0);
}

TEST_F(RetiredCounters, GiveOneReasonOnAMachineWithoutEvents) {
  const FakeRoot root;
  for (const std::uint64_t config : {0, 1, 0x01c7}) {
    events.refused[config] = ENOENT;
  }
  Machine machine = skylake_x();
  machine.root = root.path();
  Counters counters(events, machine);
  counters.start();
  counters.stop();
  EXPECT_EQ(counters.status(), "retired: unavailable: this machine exposes no performance events");
  EXPECT_THAT(events.opened, IsEmpty());
  for (const Reading& reading : counters.read()) {
    EXPECT_EQ(reading.value.validity, Validity::unavailable);
    EXPECT_EQ(reading.value.reason, "this machine exposes no performance events");
  }
  EXPECT_EQ(flops(counters.read()).reason, "this machine exposes no performance events");
}

TEST_F(RetiredCounters, OfAHybridCpuReadTheCoreThatTheThreadWasOn) {
  const FakeRoot root;
  root.add_device("cpu_core", 4);
  root.add_device("cpu_atom", 10);
  events.counters = 8;  // P-core: 2 generic and 6, E-core: 2 and 2
  events.times = {{1000, 0}, {1000, 1000}};
  events.interval = {{0x01c8, 64}};
  Counters counters(events, {{"GenuineIntel", 6, 0xAA}, {}, root.path()});
  events.interval = {{0x02c8, 77}};
  counters.start();
  counters.stop();
  EXPECT_EQ(find(counters.read(), "cpu_core/fp_256_f32").reason,
            "the thread did not run on cpu_core");
  EXPECT_EQ(flops(counters.read()).count, 77);
}

double work(int terms) {
  volatile double sum = 0;
  for (int i = 0; i < terms; ++i) {
    sum = sum + 0.5;
  }
  return sum;
}

// On the machine at hand: either it counts plausibly or it says in one line why not.
TEST(RetiredHere, CountsOrGivesAReason) {
  Counters counters;
  const Readings readings = counters.measure([] { work(100'000); });
  EXPECT_THAT(counters.status(), StartsWith("retired: "));
  for (const Reading& reading : readings) {
    const Value& value = reading.value;
    EXPECT_EQ(value.reason.empty(), value.validity == Validity::exact) << value.name;
    EXPECT_EQ(value.reason.find('\n'), std::string::npos);
  }
  if (const Value instructions = find(readings, "instructions");
      instructions.validity == Validity::exact) {
    EXPECT_GT(instructions.count, 100'000);
    EXPECT_LT(instructions.count, 100'000'000);
  }
  if (const Value total = flops(readings); total.validity == Validity::exact) {
    EXPECT_GE(total.count, 100'000);
  }
  RecordProperty("counters", counters.status());
}

}  // namespace
}  // namespace flopmeter::retired
