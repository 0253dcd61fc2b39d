#include "app/step_times.h"

#include <gtest/gtest.h>

namespace flopmeter {
namespace {

Record timed(std::string pass, double seconds, std::string convention = "flop2 in-bounds") {
  Record record;
  record.pass = std::move(pass);
  record.status = "ok";
  record.flops = 10;
  record.seconds = seconds;
  record.convention = std::move(convention);
  return record;
}

TEST(StepTimes, AddsThePasses) {
  StepTimes times;
  times.add(timed("forward", 2));
  times.add(timed("backward_data", 3));
  times.add(timed("backward_weights", 5));
  EXPECT_EQ(times.ratio(), 5);
  EXPECT_EQ(times.remarks, "");
}

// oneDNN's lstm has one call for both gradients: twice added, a step looked 1.7 times as long.
TEST(StepTimes, AddsACallThatMakesBothGradientsOnce) {
  const std::string both = "flop2 in-bounds of both gradients";
  StepTimes times;
  times.add(timed("forward", 2));
  times.add(timed("backward_data", 4, both));
  times.add(timed("backward_weights", 4.5, both));
  EXPECT_EQ(times.ratio(), 3);
}

TEST(StepTimes, SaysWhatIsNotToBeTrusted) {
  StepTimes times;
  times.add(timed("forward", 2));
  Record noisy = timed("backward_data", 2);
  noisy.status = "noisy";
  noisy.reason = "samples spread by 40 %";
  times.add(noisy);
  EXPECT_EQ(times.ratio(), 2);
  EXPECT_EQ(times.remarks, "backward_data is noisy: samples spread by 40 %");
}

TEST(StepTimes, IsNoneWhereAPassWasNotTimed) {
  StepTimes times;
  times.add(timed("forward", 2));
  Record none = timed("backward_data", 0);
  none.seconds.reset();
  none.status = "unavailable";
  none.reason = "no primitive";
  times.add(none);
  EXPECT_EQ(times.ratio(), std::nullopt);
  EXPECT_EQ(times.remarks, "backward_data is unavailable: no primitive");
}

// A normalisation without scale and shift has no parameters: its step is the other two passes.
TEST(StepTimes, LeavesOutPassesWithoutAnythingToDo) {
  StepTimes times;
  times.add(timed("forward", 2));
  times.add(timed("backward_data", 2));
  Record none = timed("backward_weights", 0);
  none.seconds.reset();
  none.flops = 0;
  none.status = "unavailable";
  times.add(none);
  EXPECT_EQ(times.ratio(), 2);
}

}  // namespace
}  // namespace flopmeter
