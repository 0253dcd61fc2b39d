#include "bench/fma/rounds.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::ElementsAre;

/// A machine whose time is told by what runs on it.
class Machine {
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
  Machine machine;
  const Timing timing = machine.time(2e-6, 0.5e-6, 5e-3);
  EXPECT_NEAR(timing.seconds, 2e-6, 1e-15);
  EXPECT_NEAR(timing.cycles, 4, 1e-9);
  EXPECT_EQ(machine.passes, 1000 + 9000);  // nine looks are the least, after one that is not timed
}

TEST(TimePasses, GoesOnForAsLongAsAsked) {
  Machine machine;
  machine.time(2e-6, 0.5e-6, 30e-3);  // a look of 2 ms, then 1 ms of cycles
  EXPECT_EQ(machine.passes, 1000 + 10'000);
}

// Prevents wide units that wake up from slowing the first look.
TEST(TimePasses, LeavesTheFirstCallOut) {
  Machine machine;
  machine.pause = [&] { return machine.calls == 1 ? 1.0 : 0.0; };
  EXPECT_NEAR(machine.time(1e-6, 1e-6, 1e-3).seconds, 1e-6, 1e-12);
}

// Prevents the time slices of other programs from being taken for the loop's.
TEST(TimePasses, AnInterruptionDoesNotCount) {
  Machine machine;
  machine.pause = [&] { return machine.calls % 4 == 0 ? 8e-3 : 0.0; };
  const Timing timing = machine.time(1e-6, 0.25e-6, 5e-3);
  EXPECT_NEAR(timing.seconds, 1e-6, 1e-12);
  EXPECT_NEAR(timing.cycles, 4, 1e-6);
}

// Prevents one loop from having all its samples while the machine was busy.
TEST(TakeRounds, TakesTurnsAndTurnsRound) {
  std::vector<std::size_t> order;
  const auto timings = take_rounds(3, 2, [&](std::size_t loop) {
    order.push_back(loop);
    return Timing{static_cast<double>(10 * loop + order.size()), 0};
  });
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 2, 1, 0));
  ASSERT_EQ(timings.size(), 3U);
  ASSERT_EQ(timings[1].size(), 2U);
  EXPECT_EQ(timings[0][1].seconds, 6);
  EXPECT_EQ(timings[1][0].seconds, 12);
  EXPECT_EQ(timings[2][1].seconds, 24);
}

// Prevents a drift that both loops share from showing in their ratio.
TEST(Ratio, IsTakenRoundByRound) {
  const std::vector<Timing> slow{{2, 0}, {4, 0}, {8, 0}};
  const std::vector<Timing> fast{{1, 0}, {2, 0}, {4, 0}};
  EXPECT_EQ(ratio(slow, fast).median, 2);
  EXPECT_EQ(ratio(slow, fast).deviation, 0);
  EXPECT_EQ(estimate(slow, &Timing::seconds).median, 4);
  EXPECT_EQ(estimate(slow, &Timing::seconds).deviation, 0.5);
}

}  // namespace
}  // namespace flopmeter
