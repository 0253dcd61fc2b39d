#include "bench/calibration.h"

#include <gtest/gtest.h>

#include <memory>

namespace flopmeter {
namespace {

/// A clock that moves on at each look, and how often it was looked at.
struct FakeClock {
  std::shared_ptr<int> looks = std::make_shared<int>(0);
  std::shared_ptr<double> now = std::make_shared<double>(0);
  double step;

  Clock clock() const {
    return [looks = looks, now = now, step = step] {
      ++*looks;
      return *now += step;
    };
  }

  /// Of a loop that looks at the clock until the burst is over.
  Calibration calibration() const {
    const Clock looking = clock();
    return {[looking](double seconds) {
              const double end = looking() + seconds;
              while (looking() < end) {
              }
              return 1e9;
            },
            looking};
  }
};

// Prevents short kernels from coming out above 100 %: CPUs run short bursts faster than long ones.
TEST(BurstSeconds, FollowTheSampleWithinLimits) {
  EXPECT_DOUBLE_EQ(burst_seconds(0.05), 0.05);
  EXPECT_DOUBLE_EQ(burst_seconds(1e-6), 2e-3);
  EXPECT_DOUBLE_EQ(burst_seconds(10), 0.1);
}

TEST(Calibration, TheBurstAfterASampleIsTheOneBeforeTheNext) {
  FakeClock fake{.step = 1e-4};
  Calibration calibration = fake.calibration();
  const double after = calibration.after(2e-3);
  const int looks = *fake.looks;
  EXPECT_EQ(calibration.before(2e-3), after);
  EXPECT_EQ(*fake.looks, looks + 1);
}

// Prevents a stale ceiling: the machine was another one then.
TEST(Calibration, ALaterSampleGetsAFreshBurst) {
  FakeClock fake{.step = 1e-4};
  Calibration calibration = fake.calibration();
  calibration.after(2e-3);
  *fake.now += 1;
  const int looks = *fake.looks;
  calibration.before(2e-3);
  EXPECT_GT(*fake.looks, looks + 10);
}

TEST(Calibration, AShortBurstDoesNotStandForALongOne) {
  FakeClock fake{.step = 1e-4};
  Calibration calibration = fake.calibration();
  calibration.after(2e-3);
  const int looks = *fake.looks;
  calibration.before(0.05);
  EXPECT_GT(*fake.looks, looks + 400);
}

}  // namespace
}  // namespace flopmeter
