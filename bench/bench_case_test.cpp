#include "bench/bench_case.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::ElementsAre;

std::vector<std::string> names(const std::vector<BenchCase>& cases) {
  std::vector<std::string> names;
  for (const BenchCase& what : cases) {
    names.push_back(what.name());
  }
  return names;
}

Problem tiny(const std::string& shape = "2x3:3x5") {
  return parse_problem(find_layer("matmul"), shape);
}

std::string message(const BenchGrid& grid) try {
  bench_cases(grid, 2);
  return "";
} catch (const BadInput& error) {
  return error.what();
}

// Prevents the reference, a hundred times slower, from being timed unasked.
TEST(BenchCases, DefaultIsEveryBackendButTheReference) {
  EXPECT_THAT(names(bench_cases({.problems = {tiny()}}, 1)),
              ElementsAre("matmul/forward/eigen/f32/2x3:3x5", "matmul/forward/onednn/f32/2x3:3x5",
                          "matmul/forward/openblas/f32/2x3:3x5"));
}

// Prevents the truth, which is kept for one problem, from being computed again and again.
TEST(BenchCases, CrossProductGoesProblemByProblem) {
  const BenchGrid grid{.problems = {tiny(), tiny("1x1:1x1")},
                       .backends = {"reference"},
                       .threads = {1, 2},
                       .caches = {Cache::warm, Cache::cold}};
  EXPECT_THAT(names(bench_cases(grid, 2)),
              ElementsAre("matmul/forward/reference/f32/2x3:3x5",
                          "matmul/forward/reference/f32/2x3:3x5/cache:cold",
                          "matmul/forward/reference/f32/2x3:3x5/threads:2",
                          "matmul/forward/reference/f32/2x3:3x5/threads:2/cache:cold",
                          "matmul/forward/reference/f32/1x1:1x1",
                          "matmul/forward/reference/f32/1x1:1x1/cache:cold",
                          "matmul/forward/reference/f32/1x1:1x1/threads:2",
                          "matmul/forward/reference/f32/1x1:1x1/threads:2/cache:cold"));
}

TEST(BenchCases, AShapeNamedTwiceIsTimedOnce) {
  const BenchGrid grid{.problems = {tiny(), tiny()}, .backends = {"eigen"}};
  EXPECT_EQ(bench_cases(grid, 1).size(), 1U);
}

TEST(BenchCases, FilterSearchesNamesAndLabels) {
  BenchGrid grid{.problems = {tiny("2x3:3x5n\"bert:ffn\""), tiny("1x1:1x1")}};
  grid.filter = "bert";
  EXPECT_EQ(bench_cases(grid, 1).size(), 3U);
  grid.filter = "onednn.*1x1";
  EXPECT_THAT(names(bench_cases(grid, 1)), ElementsAre("matmul/forward/onednn/f32/1x1:1x1"));
}

TEST(BenchCases, BadInputIsNamed) {
  EXPECT_EQ(message({.problems = {tiny()}, .threads = {0}}),
            "0 threads: must be from 1 to 2, the cores that this process may use");
  EXPECT_EQ(message({.problems = {tiny()}, .threads = {3}}),
            "3 threads: must be from 1 to 2, the cores that this process may use");
  EXPECT_EQ(message({.problems = {tiny()}, .backends = {"mkl"}}),
            "unknown backend 'mkl': matmul has reference, eigen, onednn, openblas");
  EXPECT_THAT(message({.problems = {tiny()}, .filter = "("}),
              testing::StartsWith("--filter '(': is no regular expression"));
  EXPECT_THAT(message({.problems = {tiny()}, .filter = "x1y"}), testing::HasSubstr("'x1y'"));
}

// Prevents a kernel from being timed on a layout that no network has.
TEST(BenchCases, LayersOfImagesAreTimedInTheLayoutsOfNetworks) {
  const Problem norm = parse_problem(find_layer("batchnorm"), "mb1ic8ih6");
  const BenchGrid grid{.problems = {norm}, .backends = {"eigen", "onednn"}, .arrangements = {}};
  EXPECT_THAT(names(bench_cases(grid, 1)),
              ElementsAre("batchnorm/forward/eigen/f32/mb1ic8ih6",
                          "batchnorm/forward/onednn/f32/mb1ic8ih6/layout:plain",
                          "batchnorm/forward/onednn/f32/mb1ic8ih6/layout:convolution"));
}

TEST(BenchCases, WhatChoosesOrDoesNotCareIsTimedInItsOwnLayout) {
  for (const auto& [layer, shape] :
       {std::pair("conv2d", "mb1ic8ih6oc8kh3ph1"), std::pair("relu", "mb1ic8ih6"),
        std::pair("layernorm", "mb4c8")}) {
    const Case subject{parse_problem(find_layer(layer), shape), Pass::forward, "onednn"};
    EXPECT_THAT(usual_arrangements(subject), ElementsAre(Arrangement::own)) << layer;
  }
}

TEST(BenchCase, CommandNamesTheLayout) {
  const Case subject{parse_problem(find_layer("max_pool"), "mb1ic8ih6kh2sh2"), Pass::forward,
                     "onednn"};
  EXPECT_THAT(command({.subject = subject, .arrangement = Arrangement::plain}, {}),
              testing::EndsWith(" --layout=plain"));
}

TEST(BenchCase, CommandHasOnlyWhatIsNotDefault) {
  const Case subject{tiny(), Pass::forward, "eigen", Dtype::f32};
  EXPECT_EQ(command({subject}, {}),
            "flopmeter bench --layer=matmul --shape=2x3:3x5 --backend=eigen");
  const Case bf16{tiny(), Pass::forward, "onednn", Dtype::bf16};
  const std::vector<std::string> flags{"--benchmark_repetitions=9"};
  EXPECT_EQ(command({bf16, 2, Cache::cold}, flags),
            "flopmeter bench --layer=matmul --shape=2x3:3x5 --backend=onednn --dtype=bf16 "
            "--threads=2 --cache=cold --benchmark_repetitions=9");
}

}  // namespace
}  // namespace flopmeter
