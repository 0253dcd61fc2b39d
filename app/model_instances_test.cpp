#include "app/model_instances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "results/inference_text.h"

namespace flopmeter {
namespace {

TEST(Instances, ArrivalsAreAsManyAsAskedForAndTheSameEveryTime) {
  const std::vector<double> arrivals = poisson_arrivals(1000, 10, 7);
  EXPECT_EQ(arrivals, poisson_arrivals(1000, 10, 7));
  EXPECT_NEAR(static_cast<double>(arrivals.size()), 10000, 400);  // four deviations
  EXPECT_TRUE(std::ranges::is_sorted(arrivals));
  EXPECT_LT(arrivals.back(), 10);
  EXPECT_EQ(poisson_arrivals(1e-9, 1, 7).size(), 1U);
}

TEST(Instances, AnInferenceIsNamed) {
  const InstancesRun run{.instances = 2, .batch = 3, .runs_per_second = 5};
  EXPECT_NE(instances_text(run, inference_text({{"frames", 7}}))
                .find("15.0 inferences a second of --dim frames=7 (batch 3)"),
            std::string::npos);
}

TEST(Instances, EveryRequestIsServedOnceAndNotBeforeItArrives) {
  std::atomic<int> served = 0;
  double end = 0;
  const std::vector<double> arrivals{0, 0, 0.002, 0.004};
  const auto seconds = serve(
      2, arrivals, [&](int) { ++served; }, end);
  EXPECT_EQ(served, 4);
  ASSERT_EQ(seconds.size(), 4U);
  EXPECT_TRUE(std::ranges::all_of(seconds, [](double s) { return s >= 0; }));
  EXPECT_GE(end, 0.004);
}

TEST(Instances, WhatARequestThrowsReachesTheCaller) {
  double end = 0;
  EXPECT_THROW(serve(
                   2, {0, 0}, [](int) { throw std::runtime_error("no"); }, end),
               std::runtime_error);
}

}  // namespace
}  // namespace flopmeter
