#include "models/plan/predict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>

#include "models/plan/candidate.h"
#include "models/plan/conformal.h"
#include "models/plan/profiler.h"

namespace flopmeter::planner {
namespace {

// A machine of round numbers: 100 GFLOPS, 10 GB/s, 10 us a primitive.
ProfileRate round_rate() { return {"f32", 1, 100e9, 10e9, 1e-5}; }

MachineFile machine_of(std::vector<ProfileConstant> constants) {
  MachineFile file;
  file.path = "m.json";
  Profile& profile = file.profile.emplace();
  profile.source = "data sheet";
  profile.rates = {round_rate()};
  profile.constants = std::move(constants);
  return file;
}

/// Settings point into their files.
Setting setting_in(std::vector<ProfileConstant> constants) {
  static std::deque<MachineFile> kept;
  return setting_of(kept.emplace_back(machine_of(std::move(constants))), Dtype::f32, 1);
}

models::ModelNode node(std::string_view layer, std::string_view shape, std::string name) {
  models::ModelNode made;
  made.name = std::move(name);
  made.layer = &find_layer(layer);
  made.values = made.layer->parse(shape);
  return made;
}

TEST(Profiler, WhatWasDisturbedDoesNotCount) {
  EXPECT_DOUBLE_EQ(typical_seconds({1, 1.2, 1.1, 9}), 1.1);
  EXPECT_EQ(typical_seconds({}), 0);
}

TEST(Predict, AddsWorkOrBytesAndTheFixedCost) {
  models::Model model;
  model.nodes = {node("linear", "mb100ic1000oc1000bias0", "compute"),
                 node("linear", "mb1ic1000oc1000bias0", "memory")};
  const std::vector<Item> items = items_of(model);
  const Setting setting = setting_in({{"gemm", 0.5, 2}, {"gemv", 0.5, 2}});
  const Prediction all = predict(items, 1, setting);
  // 2e8 FLOPs at 100 GFLOPS are 2 ms; 4 MB at 10 GB/s are 400 us and more than 2e6 FLOPs: of both half
  // is reached.
  EXPECT_NEAR(all.items[0].seconds(), 2 * (2e-3 + 1e-5), 1e-12);
  EXPECT_NEAR(all.items[1].seconds(), 2 * (4e-4 + 1e-5), 1e-12);
  EXPECT_NEAR(all.seconds, 4.84e-3, 1e-12);
  EXPECT_EQ(all.bound, "compute");
  EXPECT_EQ(all.items[1].terms[0].bound(), "memory");
  EXPECT_NEAR(all.high / all.seconds, 2, 1e-9);
  EXPECT_NEAR(all.seconds / all.low, 2, 1e-9);
  // A batch of 10 shares the weights.
  EXPECT_NEAR(predict(items, 10, setting).items[1].seconds(), 2 * (4e-4 + 1e-5), 1e-12);
  EXPECT_NEAR(predict(items, 10, setting).items[0].seconds(), 2 * (2e-2 + 1e-5), 1e-12);
}

TEST(Predict, SimpleRulesAreOfOperationsAndBytesAlone) {
  models::Model model;
  model.nodes = {node("linear", "mb100ic1000oc1000bias0", "one")};
  const SimpleRules rules = simple_rules(items_of(model), 1, setting_in({{"*", 0.5, 2}}));
  EXPECT_NEAR(rules.operations_over_peak, 2e-3, 1e-12);
  EXPECT_NEAR(rules.bytes_over_bandwidth, (4e6 + 8e5) / 10e9, 1e-12);
  EXPECT_NEAR(rules.roofline, 2e-3, 1e-12);
}

TEST(Predict, SaysWhatItDoesNotKnow) {
  models::Model model;
  model.nodes = {node("linear", "mb1ic8oc8", "known"), {}};
  model.nodes[1].name = "strange";
  model.nodes[1].reason = "Unknown op";
  const Setting setting = setting_in({{"conv", 0.5, 2}});
  const std::vector<Item> items = items_of(model);
  const Prediction all = predict(items, 1, setting);
  EXPECT_EQ(all.missing, 1U);
  EXPECT_NE(all.items[0].terms[0].remark, "");
  EXPECT_GE(all.high / all.seconds, 3.99);
  const MachineFile other = machine_of({});
  const MachineFile none;
  EXPECT_THROW(setting_of(other, Dtype::bf16, 1), BadInput);
  EXPECT_THROW(setting_of(other, Dtype::f32, 2), BadInput);
  EXPECT_THROW(setting_of(none, Dtype::f32, 1), BadInput);
}

TEST(Items, FuseWhatFollowsAProductAndNothingElse) {
  models::Model model;
  model.nodes = {node("conv2d", "mb1ic8ih4oc8oh4kh3ph1", "conv"),
                 node("batchnorm", "mb1ic8ih4train0", "bn"), node("relu", "mb1ic8ih4", "relu"),
                 node("add", "1x8x4x4:1x8x4x4", "add"), node("relu", "mb1ic8ih4", "relu of a sum")};
  const std::vector<Item> items = items_of(model);
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].fused, (std::vector<std::string>{"bn", "relu"}));
  EXPECT_EQ(items[2].name, "relu of a sum");
  EXPECT_EQ(items[0].weights, 8 * 8 * 9 + 8);
}

TEST(Items, ReadOfATableOnlyItsRowsAndAddCostlyFunctions) {
  models::Model model;
  model.nodes = {node("linear", "mb64ic128oc256", "up"), node("gelu_erf", "mb64ic256", "gelu")};
  const Setting setting = setting_in({{"*", 1, 1}});
  const std::vector<Item> items = items_of(model);
  ASSERT_EQ(items.size(), 1U);
  const Prediction all = predict(items, 1, setting);
  ASSERT_EQ(all.items[0].terms.size(), 2U);
  EXPECT_EQ(all.items[0].terms[1].located.kind->name, "costly");
  EXPECT_EQ(all.items[0].terms[1].work, 2.0 * 4 * 64 * 256);
}

TEST(NodeClass, StandsWhereItsShapeSays) {
  const auto at = [](std::string_view layer, std::string_view shape) {
    const AnyLayer& found = find_layer(layer);
    return locate(found, found.parse(shape));
  };
  const Located conv = at("conv2d", "mb2ic64ih56oc32oh56kh3ph1").front();
  EXPECT_EQ(conv.kind->name, "conv");
  EXPECT_EQ(conv.at, (Place{64, 32, 9, 1, 56, 2 * 56 * 56}));
  EXPECT_EQ(conv.work, 2.0 * 576 * 32 * 2 * 56 * 56);
  EXPECT_EQ(at("conv2d", "g32mb1ic32ih8oc32oh8kh3ph1").front().kind->name, "depthwise");
  EXPECT_EQ(at("conv2d", "g4mb1ic32ih8oc32oh8kh3ph1").front().kind->name, "grouped");
  EXPECT_EQ(at("conv2d", "mb1ic32ih8oc16oh8kh1ph0").front().kind->name, "conv1x1");
  EXPECT_EQ(at("matmul", "4x8x16:4x16x32").front().at, (Place{4, 8, 32, 16}));
  EXPECT_EQ(at("linear", "mb1ic16oc32").front().kind->name, "gemv");
  EXPECT_EQ(scaled(at("linear", "mb1ic16oc32").front(), 4).at, (Place{4, 32, 16}));
  EXPECT_EQ(at("transpose", "8x12x64:1x0x2").front().at, (Place{8 * 12 * 64, 64}));
  EXPECT_EQ(at("transpose", "8x12x64:1x2x0").front().at, (Place{8 * 12 * 64, 1}));
  EXPECT_EQ(at("encoder_layer", "mb1l16e64h4ff128").size() > 5, true);
  EXPECT_NE(at("abs", "mb1ic8").front().approximation, "");
}

/// Every class draws shapes that are its own, and the same ones again.
TEST(NodeClass, DrawsItsOwnShapes) {
  for (const NodeClass& kind : node_classes()) {
    Draw draw(7);
    Draw again(7);
    std::size_t own = 0;
    for (int i = 0; i < 50; ++i) {
      const auto [layer, shape] = kind.draw(draw);
      EXPECT_EQ(kind.draw(again).shape, shape);
      const AnyLayer& found = find_layer(layer);
      const Located located = locate(found, found.parse(shape)).front();
      own += located.kind == &kind ? 1 : 0;
      EXPECT_EQ(located.at.size(), located.kind->axes.size()) << kind.name;
    }
    EXPECT_GT(own, 40U) << kind.name;
  }
}

TEST(WeightShares, GoFromACoresCachesToMemory) {
  ProfileRate rate = round_rate();
  EXPECT_EQ(weight_shares(1e6, rate), (WeightShares{1, 0, 0}));  // caches are not known
  rate.cache_bytes = 32'000'000;
  rate.own_cache_bytes = 1'000'000;
  EXPECT_EQ(weight_shares(1e9, rate), (WeightShares{1, 0, 0}));
  EXPECT_EQ(weight_shares(8e6, rate), (WeightShares{0, 1, 0}));
  EXPECT_EQ(weight_shares(1e6, rate), (WeightShares{0, 0, 1}));
  EXPECT_NEAR(weight_shares(32e6, rate)[0], 0.5, 1e-12);
  EXPECT_NEAR(weight_shares(2e6, rate)[2], 0.5, 1e-12);
}

TEST(Conformal, TakesTheRankThatCoversANewCase) {
  std::vector<Residual> nineteen;
  for (int i = 1; i <= 19; ++i) {
    nineteen.push_back({1 + 0.01 * i, 1});
  }
  EXPECT_NEAR(conformal_factor(nineteen, 0.9), 1.18, 1e-12);  // ceil(20 x 0.9) = 18
  EXPECT_NEAR(conformal_factor(std::span(nineteen).first(5), 0.9), 2.1, 1e-12);  // too few
  EXPECT_EQ(conformal_factor({}, 0.9), 4);
}

TEST(Conformal, PartsCancelWhatTheyAreOffUnlessTheyAreAlike) {
  const std::vector<double> off{-0.2, 0.2};
  std::vector<UncertainPart> apart;
  std::vector<UncertainPart> alike;
  for (std::size_t i = 0; i < 20; ++i) {
    apart.push_back({1, off, i});
    alike.push_back({1, off, 0});
  }
  EXPECT_NEAR(sum_factor(alike, 0.9), std::exp(0.2), 1e-9);
  EXPECT_LT(sum_factor(apart, 0.9), 1.12);
  EXPECT_GT(sum_factor(apart, 0.9), 1.02);
  EXPECT_EQ(sum_factor({}, 0.9), 1);
}

TEST(Candidates, RankByTargetAndMarkTheFront) {
  const auto candidate = [](double seconds, std::int64_t batch, double price) {
    Candidate one;
    one.machine = "m";
    one.batch = batch;
    one.prediction.seconds = seconds;
    one.prediction.low = seconds / 1.1;
    one.prediction.high = seconds * 1.1;
    one.price_per_hour = price;
    return one;
  };
  // 3.6 an hour and 10 ms each: 10 for a million.
  std::vector<Candidate> all{candidate(0.010, 1, 3.6), candidate(0.030, 4, 3.6),
                             candidate(0.019, 1, 1.8), candidate(0.040, 1, 36)};
  EXPECT_NEAR(*all[0].per_million(), 10, 1e-9);
  const Target target{.latency = 0.020};
  EXPECT_EQ(meets(all[2], target), Meets::likely);
  rank(all, target);
  EXPECT_EQ(all[0].prediction.seconds, 0.010);  // surely
  EXPECT_EQ(all[1].prediction.seconds, 0.019);  // likely
  EXPECT_EQ(all[2].prediction.seconds, 0.030);  // no, and cheaper than the last
  EXPECT_TRUE(all[0].pareto && all[1].pareto && all[2].pareto);
  EXPECT_FALSE(all[3].pareto);
}

// What no cache holds comes from memory, however efficient the kernel; what caches hold does not.
TEST(Predict, ActivationsThatSpillTakeTheirBandwidth) {
  MachineFile file = machine_of({{"*", 0.5, 1}});
  file.profile->rates[0].cache_bytes = 1'000'000;
  const Setting setting = setting_of(file, Dtype::f32, 1);
  const Located conv{find_class("depthwise"), {64, 9, 1, 56, 3136}, 3.6e6};
  const Term spilled = predict_term(conv, {0, 4e6}, {1, 0, 0}, setting);
  EXPECT_NEAR(spilled.once, 4e6 / 10e9 + 1e-5, 1e-12);
  EXPECT_NEAR(spilled.efficiency, 1, 1e-12);
  EXPECT_NEAR(predict_term(conv, {0, 4e5}, {1, 0, 0}, setting).once, 2 * (3.6e-5 + 1e-5), 1e-12);
}

TEST(Candidates, SayByHowMuchTheirBoundWouldHaveToChange) {
  Candidate one;
  one.prediction.seconds = 0.040;
  one.prediction.compute = 0.75;
  one.prediction.memory = 0.25;
  EXPECT_EQ(needed_factor(one, {.latency = 0.050}), 1);
  EXPECT_NEAR(*needed_factor(one, {.latency = 0.020}), 3, 1e-12);  // 30 ms must become 10
  EXPECT_NEAR(*needed_factor(one, {.throughput = 50}), 3, 1e-12);
  EXPECT_FALSE(needed_factor(one, {.latency = 0.010}));
}

TEST(Candidates, NameTheSingleChangeThatHelpsMost) {
  std::vector<Candidate> all(3);
  for (Candidate& one : all) {
    one.machine = "m";
    one.prediction.seconds = 1;
  }
  all[1].threads = 2;
  all[1].prediction.seconds = 0.6;
  all[2].batch = 4;
  all[2].threads = 2;
  all[2].prediction.seconds = 0.1;  // two changes
  const auto change = best_change(all, "m");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->what, "threads 1 -> 2");
  EXPECT_NEAR(change->factor, 1 / 0.6, 1e-12);
}

TEST(Candidates, ReadNumbersWithUnits) {
  EXPECT_DOUBLE_EQ(parse_latency("20ms"), 0.02);
  EXPECT_DOUBLE_EQ(parse_latency("1.5s"), 1.5);
  EXPECT_DOUBLE_EQ(parse_throughput("500/s"), 500);
  for (const char* wrong : {"20", "ms", "-1ms", "0s", "nan s", "20 ms", ""}) {
    EXPECT_THROW(parse_latency(wrong), BadInput) << wrong;
  }
  EXPECT_THROW(parse_throughput("500"), BadInput);
  EXPECT_EQ(parse_prices("machine,price_per_hour\na,0.5\nb.json,2\n", "p.csv").at("b.json"), 2);
  EXPECT_THROW(parse_prices("a,0.5\n", "p.csv"), BadInput);
  EXPECT_THROW(parse_prices("machine,price_per_hour\na,-1\n", "p.csv"), BadInput);
}

/// A machine whose every case takes what the roofline says at an efficiency of one half.
ProfileSource half_machine(std::size_t& timed, double& now) {
  return {[](Dtype, int) {
            return ProfileRate{"f32", 1, 100e9, 10e9, 1e-6};
          },
          [&](const Problem& problem, Dtype, int) {
            ++timed;
            now += 0.01;
            const Located at = locate(*problem.layer, problem.values).front();
            const bool bytes = at.kind->work == Work::bytes;
            double weights = 0;
            for (const Operand& operand : problem.operands(Pass::forward)) {
              weights += operand.role != Role::parameter   ? 0
                         : operand.touched == all_elements ? static_cast<double>(elements(operand))
                                                           : static_cast<double>(operand.touched);
            }
            const double work = at.work * at.repeat * (bytes ? 4 / 10e9 : 1 / 100e9);
            const double fixed = 1e-6 * at.kind->parts(at.at);
            const double far = 2 * (std::max(work, 4 * weights / 10e9) + fixed);
            const double near = 2 * (work + fixed);
            return CaseTiming{{far, far, far}, {near, near}, {near}, "half"};
          },
          [&] { return now; }};
}

ProfileRequest request_of(double seconds) {
  ProfileRequest request;
  request.dtypes = {Dtype::f32};
  request.threads = {1};
  request.seconds = seconds;
  return request;
}

TEST(Profiler, FindsTheEfficiencyOfASyntheticMachine) {
  std::size_t timed = 0;
  double now = 0;
  MachineFile file;
  Profile profile;
  fill_profile(profile, half_machine(timed, now), request_of(6));
  EXPECT_GE(timed, 12 * node_classes().size());
  file.profile = profile;
  const Setting setting = setting_of(file, Dtype::f32, 1);
  EXPECT_EQ(setting.points, profile.points.size());
  const Located gemm{find_class("gemm"), {64, 512, 512}, 2.0 * 64 * 512 * 512};
  const Term cold = predict_term(gemm, {512 * 512 * 4.0, 0}, {1, 0, 0}, setting);
  EXPECT_NEAR(cold.efficiency, 0.5, 1e-6);
  EXPECT_EQ(cold.reading.from.size(), 4U);
  EXPECT_EQ(cold.reading.octaves_outside, 0);
  EXPECT_NEAR(predict_term(gemm, {512 * 512 * 4.0, 0}, {0, 1, 0}, setting).once,
              2 * (gemm.work / 100e9 + 1e-6), 1e-9);
  EXPECT_NEAR(setting.node_within, 1, 1e-6);  // it is predicted exactly
  // What is written is what is read.
  EXPECT_EQ(profile_from_json(to_json(profile)), profile);
}

TEST(Profiler, TakesUpWhereItStopped) {
  std::size_t timed = 0;
  double now = 0;
  Profile profile;
  fill_profile(profile, half_machine(timed, now), request_of(4));
  const std::size_t before = timed;
  ASSERT_EQ(profile.points.size(), before);
  fill_profile(profile, half_machine(timed, now), request_of(6));
  EXPECT_GT(timed, before);
  EXPECT_EQ(profile.points.size(), timed);  // none twice
}

/// Machines are compared over the shapes that they have in common.
TEST(Profiler, TimesTheSameShapesEverywhere) {
  std::size_t timed = 0;
  double now = 0;
  Profile first;
  Profile second;
  fill_profile(first, half_machine(timed, now), request_of(0));
  fill_profile(second, half_machine(timed, now), request_of(3));
  for (std::size_t i = 0; i < first.points.size(); ++i) {
    EXPECT_EQ(first.points[i].shape, second.points[i].shape);
  }
}

TEST(Profiler, KeepsToItsTime) {
  std::size_t timed = 0;
  double now = 0;
  ProfileSource source = half_machine(timed, now);
  source.time = [&](const Problem& problem, Dtype, int) {
    ++timed;
    now += 1;
    const double seconds = 1e-3 * static_cast<double>(1 + problem.shape().size() % 7);  // jumps
    return CaseTiming{{seconds}, {seconds}, {seconds}};
  };
  Profile profile;
  fill_profile(profile, source, request_of(400));
  EXPECT_LE(now, 402);
  EXPECT_GT(timed, 300U);
}

}  // namespace
}  // namespace flopmeter::planner
