// Language models from points that are made up: what is read between them, and what a model is made of.
#include "models/plan/generation.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "kernels/bad_input.h"

namespace flopmeter::planner {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ProfileGeneration point(const std::string& kind, double rows, double keys, double seconds,
                        double amount = 1) {
  return {"q8_0", 2, kind, rows, keys, amount, seconds};
}

GenerationPlan of_one(const std::string& kind, double rows, double keys, double amount) {
  return {.format = "q8_0", .items = {{"node", kind, rows, keys, amount, amount, 0}}};
}

TEST(PlanGeneration, ReadsBetweenPointsByLogarithms) {
  Profile profile;
  profile.generation = {point("products", 4, 1, 2), point("products", 16, 1, 8)};
  EXPECT_THAT(generation_time(of_one("products", 4, 1, 10), profile, 2)->seconds,
              ElementsAre(DoubleNear(20, 1e-9)));
  EXPECT_THAT(generation_time(of_one("products", 8, 1, 10), profile, 2)->seconds,
              ElementsAre(DoubleNear(40, 1e-9)));
  const auto beyond = generation_time(of_one("products", 32, 1, 10), profile, 2);
  EXPECT_THAT(beyond->seconds, ElementsAre(DoubleNear(80, 1e-9)));
  EXPECT_EQ(beyond->outside, 1);
  EXPECT_EQ(generation_time(of_one("products", 8, 1, 10), profile, 2)->outside, 0);
}

// Of points in one place all bytes and all seconds count; another format's and other threads' do not.
TEST(PlanGeneration, AddsUpPointsInOnePlace) {
  Profile profile;
  profile.generation = {point("products", 1, 1, 2, 1), point("products", 1, 1, 4, 5)};
  profile.generation.push_back({"bf16", 2, "products", 1, 1, 1, 100});
  profile.generation.push_back({"q8_0", 1, "products", 1, 1, 1, 100});
  EXPECT_NEAR(generation_time(of_one("products", 1, 1, 3), profile, 2)->whole, 3, 1e-9);
  EXPECT_FALSE(generation_time(of_one("sdpa", 1, 1, 3), profile, 2)) << "no such points";
  EXPECT_EQ(generation_formats(profile), "bf16 on 2, q8_0 on 1, q8_0 on 2");
}

TEST(PlanGeneration, AttentionGoesByItsKeys) {
  Profile profile;
  profile.generation = {point("sdpa", 8, 128, 1), point("sdpa", 8, 512, 4)};
  EXPECT_NEAR(generation_time(of_one("sdpa", 8, 256, 1), profile, 2)->whole, 2, 1e-9);
}

models::LanguageModel small_model() {
  models::LanguageModel model;
  model.path = "small";
  model.dtype = "bf16";
  models::Transformer& t = model.transformer;
  t.layers = 2;
  t.hidden = 64;
  t.vocabulary = 100;
  t.heads = 4;
  t.kv_heads = 2;
  t.feed_forward = 96;
  t = models::completed(t);
  return model;
}

// By hand: q 64 rows, k and v 32 each, o 64, gate and up 96, down 64 of 96, the head 100; 34 bytes for 32 weights.
TEST(PlanGeneration, KnowsWhatIsReadWithoutWeights) {
  const models::LanguageModel model = small_model();
  const GenerationPlan plan = generation_plan(model, "q8_0", {1, 1, 7});
  double products = 0;
  for (const GenerationItem& item : plan.items) {
    products += item.kind == "products" ? item.amount : 0;
  }
  const double block = 64 * (64 + 32 + 32 + 64) + 3 * 64 * 96;
  EXPECT_EQ(products, (2 * block + 100 * 64) * 34 / 32);
  const auto sdpa = std::ranges::find(plan.items, "sdpa", &GenerationItem::kind);
  ASSERT_NE(sdpa, plan.items.end());
  EXPECT_EQ(sdpa->rows, 2) << "two heads share one of keys";
  EXPECT_EQ(sdpa->keys, 8);
  EXPECT_EQ(stored_format(model), "bf16");
  EXPECT_THAT(
      [&] {
        generation_plan(model, "q3", {1, 1, 7});
      },
      ::testing::ThrowsMessage<BadInput>(HasSubstr("q8_0")));
}

TEST(PlanGeneration, PointsOfARunAreReadBackAsTheyWere) {
  const GenerationPlan plan = generation_plan(small_model(), "q8_0", {1, 4, 3});
  std::vector<double> seconds;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    seconds.push_back(1e-3 * static_cast<double>(i + 1));
  }
  Profile profile;
  profile.generation = generation_points(plan.items, seconds, "q8_0", 2);
  const auto time = generation_time(plan, profile, 2);
  ASSERT_TRUE(time);
  double whole = 0;
  for (const double one : seconds) {
    whole += one;
  }
  EXPECT_NEAR(time->whole, whole, 1e-9) << "of the same model in the same phase";
  EXPECT_EQ(profile_from_json(to_json(profile)), profile);
}

}  // namespace
}  // namespace flopmeter::planner
