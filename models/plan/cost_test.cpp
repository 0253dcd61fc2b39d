#include "models/plan/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "models/plan/fit.h"
#include "models/plan/predict.h"
#include "models/plan/profiler.h"

namespace flopmeter::planner {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Cost, IsWhatTheCasesAddUpFrom) {
  std::vector<std::vector<double>> amounts;
  std::vector<double> seconds;
  for (const double work : {1e6, 2e7, 5e8, 3e9}) {
    for (const double bytes : {1e3, 4e5}) {
      amounts.push_back({1, work, bytes});
      seconds.push_back(1e-6 + work * 1e-11 + bytes * 2e-10);
    }
  }
  EXPECT_THAT(
      fitted_cost(amounts, seconds),
      ElementsAre(DoubleNear(1e-6, 1e-12), DoubleNear(1e-11, 1e-17), DoubleNear(2e-10, 1e-16)));
  EXPECT_THAT(fitted_cost(std::span(amounts).first(5), std::span(seconds).first(5)), IsEmpty());
  EXPECT_THAT(fitted_cost({}, {}), IsEmpty());
  EXPECT_DOUBLE_EQ(cost_seconds(std::vector<double>{1, 2, 3}, std::vector<double>{4, 5, 6}), 32);
}

// Time that shrinks with the weights would be below 0 for many of them.
TEST(Cost, IsNeverNegative) {
  std::vector<std::vector<double>> amounts;
  std::vector<double> seconds;
  for (int i = 1; i <= 8; ++i) {
    amounts.push_back({1, 1e6 * i, 1e3 * (10 - i), 0});
    seconds.push_back(1e-3 * i * i);
  }
  for (const double one : fitted_cost(amounts, seconds)) {
    EXPECT_GE(one, 0);
  }
}

/// A machine on which a node takes 1 us, 4 times what the arithmetic takes at the peak and 3 times what the weights take from
/// memory: no roofline.
double seconds_there(const NodeClass& kind, const Place& at, double work, bool memory) {
  const bool flops = kind.work == Work::flops;
  const double weights = flops ? cost_amounts(kind, at, work)[2] : 0;
  return 1e-6 + 4 * work / (flops ? 100e9 : 10e9) + (memory ? 3 * 4 * weights / 10e9 : 0);
}

ProfileSource adding_machine(double& now) {
  return {[](Dtype, int) {
            return ProfileRate{"f32", 1, 100e9, 10e9, 1e-6};
          },
          [&now](const Problem& problem, Dtype, int) {
            now += 0.01;
            const Located at = locate(*problem.layer, problem.values).front();
            const double work = at.work * at.repeat * (at.kind->work == Work::bytes ? 4 : 1);
            const double far = seconds_there(*at.kind, at.at, work, true);
            const double near = seconds_there(*at.kind, at.at, work, false);
            return CaseTiming{{far, far, far}, {near, near}, {near}, "adds"};
          },
          [&now] { return now; }};
}

MachineFile profiled(double seconds) {
  double now = 0;
  MachineFile file;
  file.path = "m.json";
  ProfileRequest request;
  request.dtypes = {Dtype::f32};
  request.threads = {1};
  request.seconds = seconds;
  fill_profile(file.profile.emplace(), adding_machine(now), request);
  return file;
}

Located lstm(std::int64_t hidden, std::int64_t samples) {
  const AnyLayer& layer = find_layer("lstm");
  return locate(layer, layer.parse(fmt::format("t32mb{}slc128dhc{}", samples, hidden))).front();
}

double off(const Located& located, const Setting& setting) {
  const double truth = seconds_there(*located.kind, located.at, located.work, true);
  return std::log(predict_term(located, {}, {1, 0, 0}, setting).once / truth);
}

// A batch that no point had: the efficiency is of the nearest inside, and the rest is arithmetic.
TEST(Cost, CarriesBeyondThePoints) {
  const MachineFile file = profiled(10);
  const Setting setting = setting_of(file, Dtype::f32, 1);
  EXPECT_NEAR(off(lstm(256, 4), setting), 0, 0.01);
  EXPECT_NEAR(off(lstm(256, 512), setting), 0, 0.02);
  EXPECT_NEAR(off(lstm(4096, 4), setting), 0, 0.02);
  const Located gemm{find_class("gemm"), {16, 16384, 16384}, 2.0 * 16 * 16384 * 16384};
  EXPECT_NEAR(off(gemm, setting), 0, 0.02);
  EXPECT_EQ(profile_from_json(to_json(*file.profile)), *file.profile);
}

TEST(Cost, OfAnotherClassOrBelowZeroIsNotTaken) {
  MachineFile file = profiled(10);
  for (ProfileFit& fit : file.profile->fits) {
    fit.cost.assign(40, 1e-12);
  }
  const Setting setting = setting_of(file, Dtype::f32, 1);
  EXPECT_NE(predict_term(lstm(256, 4), {}, {1, 0, 0}, setting).remark, "");
  file.profile->fits.front().cost = {1e-9, -1e-12};
  EXPECT_THROW(profile_from_json(to_json(*file.profile)), std::invalid_argument);
}

// A part that is fused into another primitive has no fixed cost.
TEST(Cost, OfAFusedPartHasNothingFixed) {
  const MachineFile file = profiled(10);
  const Setting setting = setting_of(file, Dtype::f32, 1);
  Located gelu = *located_after("gelu_erf", 4096);
  ASSERT_TRUE(gelu.fused);
  const double fused = predict_term(gelu, {}, {1, 0, 0}, setting).once;
  gelu.fused = false;
  EXPECT_NEAR(predict_term(gelu, {}, {1, 0, 0}, setting).once - fused, 1e-6, 2e-8);
}

double width_of(const Located& located, const Setting& setting) {
  Item item{.name = "cells", .layer = &find_layer("lstm")};
  item.shape = item.layer->parse(
      fmt::format("t{}mb{}slc{}dhc{}", located.at[3], located.at[2], located.at[1], located.at[0]));
  const std::vector<Item> items{item};
  const Prediction all = predict(items, 1, setting);
  return all.high / all.low;
}

// What stands among points is surer than what stands far from them, within the same bounds: nearly all of them
// were of one sample, and what one of 8 takes nobody knows.
TEST(Interval, IsWiderWherePointsAreFar) {
  MachineFile file;
  file.path = "m.json";
  Profile& profile = file.profile.emplace();
  profile.rates = {{"f32", 1, 100e9, 10e9, 1e-6}};
  Draw draw(3);
  for (int i = 0; i < 40; ++i) {
    const Located at = lstm(draw.channels(32, 64), i < 38 ? 1 : 64);
    ProfilePoint point;
    point.kind = "recurrent";
    point.dtype = "f32";
    point.at = at.at;
    point.layer = "lstm";
    point.work = at.work;
    point.seconds = point.cache_seconds = point.own_seconds =
        at.work / 50e9 * std::exp(0.2 * (draw.share() - 0.5));
    profile.points.push_back(point);
  }
  fit_profile(profile, Dtype::f32, 1);
  for (ProfileFit& fit : profile.fits) {
    fit.lengths.assign(5, 2);
    fit.variance = 0.3;
  }
  const Setting setting = setting_of(file, Dtype::f32, 1);
  EXPECT_GT(std::log(width_of(lstm(48, 8), setting)),
            1.5 * std::log(width_of(lstm(48, 1), setting)));
}

// Networks have batches that are powers of two, and kernels do them another way than those between.
TEST(NodeClass, HasGrusApartFromTheOthers) {
  const AnyLayer& gru = find_layer("gru");
  const Located at = locate(gru, gru.parse("t64mb1slc80dhc192")).front();
  EXPECT_EQ(at.kind->name, "gru");
  EXPECT_EQ(at.at, (Place{192, 80, 1, 64, 3}));
  EXPECT_EQ(lstm(64, 2).kind->name, "recurrent");
  // A machine file of before has them among those.
  MachineFile file;
  file.path = "m.json";
  file.profile.emplace().rates = {{"f32", 1, 100e9, 10e9, 1e-6}};
  file.profile->constants = {{"recurrent", 0.5, 2}};
  EXPECT_EQ(predict_term(at, {}, {1, 0, 0}, setting_of(file, Dtype::f32, 1)).remark, "");
}

TEST(NodeClass, DrawsRecurrentNetworksOfTheBatchesThatThereAre) {
  const NodeClass& kind = *find_class("recurrent");
  Draw draw(11);
  int several = 0;
  int round = 0;
  for (int i = 0; i < 200; ++i) {
    const auto [name, shape] = kind.draw(draw);
    const AnyLayer& layer = find_layer(name);
    const std::int64_t samples = locate(layer, layer.parse(shape)).front().at[2];
    several += samples > 1 ? 1 : 0;
    round += samples > 1 && (samples & (samples - 1)) == 0 ? 1 : 0;
  }
  EXPECT_GT(several, 100);
  EXPECT_GT(round, 0.75 * several);
}

}  // namespace
}  // namespace flopmeter::planner
