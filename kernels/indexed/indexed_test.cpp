#include "kernels/indexed/indexed.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::indexed {
namespace {

using rows::outputs;
using testing::ElementsAre;

TEST(Gather, LooksUpRowsAndAddsUpGradients) {
  EXPECT_THAT(outputs("gather", "n3m2dim2", Pass::forward,
                      {{"src", {1, 2, 3, 4, 5, 6}}, {"indices", {2, 0}}}),
              ElementsAre(5, 6, 1, 2));
  EXPECT_THAT(
      outputs("gather", "n3m2", Pass::backward_data, {{"indices", {2, 2}}, {"diff_dst", {5, 6}}}),
      ElementsAre(0, 0, 11));
  EXPECT_EQ(rows::counts("gather", "mb2n3m4dim5", Pass::forward), OpCounts{});
  EXPECT_EQ(rows::counts("gather", "mb2n3m4dim5", Pass::backward_data), (OpCounts{.adds = 40}));
}

// A network may compute places: prevents one outside from being read without a word.
TEST(Gather, RefusesPlacesOutside) {
  for (const double outside : {-1.0, 3.0}) {
    EXPECT_THAT(
        [&] {
          outputs("gather", "n3m2", Pass::forward, {{"src", {1, 2, 3}}, {"indices", {0, outside}}});
        },
        testing::ThrowsMessage<BadInput>(testing::HasSubstr("must be from 0 to 2")));
  }
}

TEST(Scatter, ReplacesOrAdds) {
  const rows::Given given{{"src", {1, 2, 3}}, {"indices", {2, 2}}, {"updates", {5, 6}}};
  EXPECT_THAT(outputs("scatter", "n3m2", Pass::forward, given), ElementsAre(1, 2, 6));
  EXPECT_THAT(outputs("scatter_add", "n3m2", Pass::forward, given), ElementsAre(1, 2, 14));
  EXPECT_EQ(rows::counts("scatter_add", "n3m2dim4", Pass::forward), (OpCounts{.adds = 8}));
}

// Rows 0 and 2 of (1; 2; 4), then twice row 1. 3 bags of 4 rows of 5: 3 adds for each of 15.
TEST(EmbeddingBag, SumsRows) {
  EXPECT_THAT(outputs("embedding_bag", "mb2n3m2", Pass::forward,
                      {{"indices", {0, 2, 1, 1}}, {"weights", {1, 2, 4}}}),
              ElementsAre(5, 4));
  EXPECT_THAT(outputs("embedding_bag", "mb2n3m2", Pass::backward_weights,
                      {{"indices", {0, 2, 1, 1}}, {"diff_dst", {5, 7}}}),
              ElementsAre(5, 14, 5));
  EXPECT_EQ(rows::counts("embedding_bag", "mb3n7m4dim5", Pass::forward), (OpCounts{.adds = 45}));
  EXPECT_EQ(rows::problem_of("embedding_bag", "mb3n7m4dim5").formula(Pass::forward).parameters, 35);
}

// 4 + 3 comparisons for the two largest of five.
TEST(TopK, TakesTheLargest) {
  EXPECT_THAT(outputs("topk", "n5m2", Pass::forward, {{"src", {3, 9, 1, 9, 4}}}),
              ElementsAre(9, 9, 1, 3));
  EXPECT_EQ(rows::counts("topk", "n5m2", Pass::forward), (OpCounts{.comparisons = 7}));
  EXPECT_THAT(outputs("topk", "n3m3", Pass::forward, {{"src", {1, 3, 2}}}),
              ElementsAre(3, 2, 1, 1, 2, 0));
}

TEST(TopK, BringsGradientsBackToTheirPlaces) {
  EXPECT_THAT(outputs("topk", "mb2n3m2", Pass::backward_data,
                      {{"places", {2, 0, 1, 2}}, {"diff_dst", {5, 7, 11, 13}}}),
              ElementsAre(7, 0, 5, 0, 11, 13));
  EXPECT_EQ(rows::counts("topk", "mb2n5m2", Pass::backward_data), OpCounts{});
}

TEST(Indexed, RefusesWithTheReason) {
  rows::expect_refused("topk", "n3m4", "there are only n = 3");
  rows::expect_refused("topk", "n3m2dim2", "dim is 2, must be 1");
  rows::expect_refused("gather", "n3", "needs n and m");
  rows::expect_refused("gather", "n16777217m1", "16777217");
}

// Box 1 overlaps box 0 by 9/11; box 2 lies apart; box 3 has too low a score.
const std::vector<double> boxes{0, 0, 1, 1, 0, 0.1, 1, 1.1, 2, 2, 3, 3, 5, 5, 6, 6};

TEST(NonMax, KeepsTheBestOfThoseThatOverlap) {
  EXPECT_THAT(outputs("nms", "n4m3", Pass::forward,
                      {{"boxes", boxes},
                       {"scores", {0.7, 0.9, 0.8, 0.1}},
                       {"overlap", {0.5}},
                       {"least", {0.2}}}),
              ElementsAre(0, 0, 1, 0, 0, 2, -1, -1, -1));
  EXPECT_THAT(
      outputs(
          "nms", "n4m3", Pass::forward,
          {{"boxes", boxes}, {"scores", {0.7, 0.9, 0.8, 0.1}}, {"overlap", {0.9}}, {"least", {0}}}),
      ElementsAre(0, 0, 1, 0, 0, 2, 0, 0, 0))
      << "m are kept at the most";
}

// Corners in any order are the same box; equal scores go by their place.
TEST(NonMax, TakesCornersAndCentres) {
  EXPECT_THAT(outputs("nms", "n2m2", Pass::forward,
                      {{"boxes", {1, 1, 0, 0, 0, 0, 1, 1}},
                       {"scores", {0.5, 0.5}},
                       {"overlap", {0.5}},
                       {"least", {0}}}),
              ElementsAre(0, 0, 0, -1, -1, -1));
  EXPECT_THAT(outputs("nms", "n2m2center1", Pass::forward,
                      {{"boxes", {0.5, 0.5, 1, 1, 0.5, 0.6, 1, 1}},
                       {"scores", {0.5, 0.6}},
                       {"overlap", {0.5}},
                       {"least", {0}}}),
              ElementsAre(0, 0, 1, -1, -1, -1));
}

TEST(NonMax, GoesClassByClassAndSampleBySample) {
  EXPECT_THAT(outputs("nms", "mb2c2n1m1", Pass::forward,
                      {{"boxes", {0, 0, 1, 1, 0, 0, 1, 1}},
                       {"scores", {0.5, 0.1, 0.1, 0.5}},
                       {"overlap", {0.5}},
                       {"least", {0.2}}}),
              ElementsAre(0, 0, 0, 1, 1, 0, -1, -1, -1, -1, -1, -1));
}

TEST(NonZero, FindsPlaces) {
  EXPECT_THAT(outputs("nonzero", "n5", Pass::forward, {{"src", {0, 2, 0, -1, 0}}}),
              ElementsAre(1, 3, -1, -1, -1));
}

}  // namespace
}  // namespace flopmeter::indexed
