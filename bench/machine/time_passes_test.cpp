#include "bench/machine/time_passes.h"

#include <gtest/gtest.h>

namespace flopmeter {
namespace {

/// A loop whose time is told by what runs on it.
class FakeLoop {
 public:
  double now = 0;
  std::int64_t passes = 0;
  int calls = 0;
  std::function<double()> pause = [] { return 0.0; };  // before a call of the loop

  Timing time(double seconds_per_pass, double seconds_per_cycle, double seconds) {
    const auto loop = [&, seconds_per_pass](std::int64_t count) {
      ++calls;
      passes += count;
      now += pause() + seconds_per_pass * static_cast<double>(count);
    };
    const auto cycles = [&, seconds_per_cycle](std::int64_t count) {
      now += 10 * seconds_per_cycle * static_cast<double>(count);
    };
    return time_passes(
        loop, cycles, 10, [&] { return now; }, seconds);
  }
};

TEST(TimePasses, DividesTheClockByThePasses) {
  FakeLoop fake;
  const Timing timing = fake.time(2e-6, 0.5e-6, 5e-3);
  EXPECT_NEAR(timing.seconds, 2e-6, 1e-15);
  EXPECT_NEAR(timing.cycles, 4, 1e-9);
  EXPECT_EQ(fake.passes, 1000 + 9000);  // nine looks are the least, after one that is not timed
}

TEST(TimePasses, GoesOnForAsLongAsAsked) {
  FakeLoop fake;
  fake.time(2e-6, 0.5e-6, 30e-3);  // a look of 2 ms, then 1 ms of cycles
  EXPECT_EQ(fake.passes, 1000 + 10'000);
}

// Prevents wide units that wake up from slowing the first look.
TEST(TimePasses, LeavesTheFirstCallOut) {
  FakeLoop fake;
  fake.pause = [&] { return fake.calls == 1 ? 1.0 : 0.0; };
  EXPECT_NEAR(fake.time(1e-6, 1e-6, 1e-3).seconds, 1e-6, 1e-12);
}

// Prevents the time slices of other programs from being taken for the loop's.
TEST(TimePasses, AnInterruptionDoesNotCount) {
  FakeLoop fake;
  fake.pause = [&] { return fake.calls % 4 == 0 ? 8e-3 : 0.0; };
  const Timing timing = fake.time(1e-6, 0.25e-6, 5e-3);
  EXPECT_NEAR(timing.seconds, 1e-6, 1e-12);
  EXPECT_NEAR(timing.cycles, 4, 1e-6);
}

}  // namespace
}  // namespace flopmeter
