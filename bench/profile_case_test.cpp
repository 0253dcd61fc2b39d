#include "bench/profile_case.h"

#include <gmock/gmock.h>

#include "bench/clock.h"
#include "kernels/inputs.h"

namespace flopmeter {
namespace {

ProfileTiming timing_of(std::string_view layer, std::string_view shape, Dtype dtype) {
  Equipment equipment(steady_seconds);
  const std::vector<Way> ways{
      {"onednn", dtype, 1}, {"onednn", Dtype::f32, 1}, {"eigen", Dtype::f32, 1}};
  const auto made =
      time_in_network(parse_problem(find_layer(layer), shape), ways, dtype, equipment);
  if (const auto* absence = std::get_if<Unavailable>(&made)) {
    ADD_FAILURE() << absence->reason;
    return {};
  }
  return std::get<ProfileTiming>(made);
}

bool is_available(Dtype dtype) {
  const Problem problem = parse_problem(find_layer("conv2d"), "mb1ic32ih8oc32kh3ph1");
  Tensors<float> tensors = make_inputs(problem, Pass::forward, dtype, 1);
  const Setup setup{Pass::forward, dtype, 1};
  return !std::holds_alternative<Unavailable>(
      problem.layer->backend("onednn").prepare(problem.values, setup, tensors));
}

// Prevents a point of a number type from being the time of another: a network in s8 computes in f32 where no steps are given.
TEST(ProfileCase, RunsInTheDtypeThatItIsOf) {
  if (!is_available(Dtype::s8)) {
    GTEST_SKIP() << "no 8-bit integers here";
  }
  for (const auto& [layer, shape] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"conv2d", "mb1ic32ih8oc32kh3ph1"},
           {"conv2d", "g4mb1ic64ih8oc64kh3ph1"},
           {"linear", "mb4ic64oc32"}}) {
    const ProfileTiming timing = timing_of(layer, shape, Dtype::s8);
    EXPECT_EQ(timing.dtype, Dtype::s8) << layer << " " << shape << " " << timing.implementation;
    EXPECT_THAT(timing.from_memory, testing::Each(testing::Gt(0)));
  }
}

TEST(ProfileCase, LayersThatNetworksDoNotComputeInEightBitsRunInReals) {
  if (!is_available(Dtype::s8)) {
    GTEST_SKIP() << "no 8-bit integers here";
  }
  EXPECT_EQ(timing_of("softmax", "mb4c32", Dtype::s8).dtype, Dtype::f32);
}

}  // namespace
}  // namespace flopmeter
