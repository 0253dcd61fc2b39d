#include "app/first_look.h"

#include <gmock/gmock.h>

#include <set>

namespace flopmeter {
namespace {

using testing::ElementsAre;

std::vector<Problem> linears(int count) {
  std::vector<Problem> problems;
  for (int i = 1; i <= count; ++i) {
    problems.push_back(parse_problem(find_layer("linear"), fmt::format("mb1ic{}oc8", i)));
  }
  return problems;
}

std::vector<std::string> shapes(const std::vector<Problem>& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems) {
    all.push_back(problem.shape());
  }
  return all;
}

// Prevents a first look at the small shapes only, which stand at the top of every list.
TEST(ThinnedOut, FromAboveTheSmallestThirdToTheLargest) {
  EXPECT_THAT(shapes(thinned_out(linears(9), 3)),
              ElementsAre("mb1ic4oc8", "mb1ic6oc8", "mb1ic9oc8"));
  EXPECT_THAT(shapes(thinned_out(linears(3), 1)), ElementsAre("mb1ic3oc8"));
  EXPECT_EQ(thinned_out(linears(3), 8).size(), 3U);
  EXPECT_EQ(thinned_out(linears(9), 0).size(), 9U);
}

TEST(ThinnedOut, LayerByLayer) {
  std::vector<Problem> problems = linears(9);
  problems.push_back(parse_problem(find_layer("relu"), "mb1ic4"));
  EXPECT_THAT(shapes(thinned_out(problems, 2)), ElementsAre("mb1ic4oc8", "mb1ic9oc8", "mb1ic4"));
}

// Prevents a run of a quarter of an hour: there are a hundred elementwise layers.
TEST(ThinnedOut, TheLargestAloneOfLayersThatShareTheirShapesUnlessSaid) {
  std::vector<Problem> problems = linears(9);
  for (const char* layer : {"exp", "log"}) {
    for (const char* shape : {"mb1ic4", "mb4ic4", "mb2ic4"}) {
      problems.push_back(parse_problem(find_layer(layer), shape));
    }
  }
  EXPECT_THAT(shapes(thinned_out(problems, std::nullopt)),
              ElementsAre("mb1ic4oc8", "mb1ic5oc8", "mb1ic7oc8", "mb1ic9oc8", "mb4ic4", "mb4ic4"));
  EXPECT_EQ(thinned_out(problems, 0).size(), problems.size());
  problems.resize(12);  // exp alone shares with nobody
  EXPECT_EQ(thinned_out(problems, std::nullopt).size(), 7U);
}

TEST(QuicklyProved, LeavesOutWhatTakesLong) {
  const std::vector<Problem> problems{parse_problem(find_layer("matmul"), "512x256:256x256"),
                                      parse_problem(find_layer("matmul"), "512x256:256x257")};
  EXPECT_THAT(shapes(quickly_proved(problems)), ElementsAre("512x256:256x256"));
}

TEST(FirstLook, ScalesTheLargestOfEachLayerUpToAllCores) {
  std::vector<Problem> problems = linears(4);
  problems.push_back(parse_problem(find_layer("relu"), "mb1ic4"));  // no MACs
  std::set<std::string> on_several;
  for (const BenchCase& what : first_look(problems, 2, 6)) {
    if (what.threads != 1) {
      on_several.insert(fmt::format("{} {}", what.subject.problem.shape(), what.threads));
    }
  }
  EXPECT_THAT(on_several, ElementsAre("mb1ic4oc8 2", "mb1ic4oc8 4", "mb1ic4oc8 6"));
}

TEST(FirstLook, OneCoreHasNothingToScaleTo) {
  for (const BenchCase& what : first_look(linears(4), 2, 1)) {
    EXPECT_EQ(what.threads, 1);
  }
}

}  // namespace
}  // namespace flopmeter
