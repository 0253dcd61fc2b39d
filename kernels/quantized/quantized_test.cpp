#include "kernels/quantized/quantized.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::quantized {
namespace {

using testing::ElementsAre;

std::vector<double> repeated(std::size_t n, double value) { return std::vector<double>(n, value); }

// One block: codes 10 are weights of 0.5 x (10 - 8) = 1; x is 1: 32, and the bias.
TEST(Quantized, Q4_0) {
  EXPECT_THAT(rows::outputs("linear_q4_0", "mb1ic32oc1", Pass::forward,
                            {{"src", repeated(32, 1)},
                             {"weights", repeated(32, 10)},
                             {"scales", {0.5}},
                             {"bias", {3}}}),
              ElementsAre(35));
}

// Bytes are two's complement: 254 is -2.
TEST(Quantized, Q8_0) {
  EXPECT_THAT(
      rows::outputs("linear_q8_0", "mb1ic32oc1bias0", Pass::forward,
                    {{"src", repeated(32, 1)}, {"weights", repeated(32, 254)}, {"scales", {0.25}}}),
      ElementsAre(-16));
}

// w = 2 x 3 x 5 - 4 x 7 = 2 in all eight blocks.
TEST(Quantized, Q4_K) {
  EXPECT_THAT(rows::outputs("linear_q4_k", "mb1ic256oc1bias0", Pass::forward,
                            {{"src", repeated(256, 1)},
                             {"weights", repeated(256, 5)},
                             {"scales", {2}},
                             {"minima", {4}},
                             {"block_scales", repeated(8, 3)},
                             {"block_minima", repeated(8, 7)}}),
              ElementsAre(512));
}

// 5 weights in blocks of 4: (6 - 2) x 1, and (6 - 5) x 2 for the last one.
TEST(Quantized, BlocksThatAreNotFull) {
  EXPECT_THAT(rows::outputs("linear_n4bits", "mb1ic5oc1bias0block4zp1", Pass::forward,
                            {{"src", repeated(5, 1)},
                             {"weights", repeated(5, 6)},
                             {"scales", {1, 2}},
                             {"zero_points", {2, 5}}}),
              ElementsAre(18));
}

// One token through 4096 x 4096 weights: 18 bytes for 32 of them, 144 for 256, 34 for 32.
TEST(Quantized, Bytes) {
  const std::int64_t weights = 4096 * 4096;
  const std::int64_t others = 2 * 4096 * 4;  // x and y in f32
  const auto bytes = [](std::string_view layer) {
    return compulsory_bytes(rows::problem_of(layer, "mb1ic4096oc4096bias0"), Pass::forward,
                            Dtype::f32);
  };
  EXPECT_EQ(bytes("linear_q4_0"), weights / 32 * 18 + others);
  EXPECT_EQ(bytes("linear_q8_0"), weights / 32 * 34 + others);
  EXPECT_EQ(bytes("linear_q4_k"), weights / 256 * 144 + others);
  EXPECT_EQ(bytes("linear_n4bits"), weights / 2 + weights / 32 * 4 + others);
}

// 2 x 3 x 64 MACs; each of 3 x 64 weights unpacked, converted, shifted and scaled.
TEST(Quantized, CountsByHand) {
  EXPECT_EQ(rows::counts("linear_q4_0", "mb2ic64oc3bias0", Pass::forward),
            (OpCounts{.macs = 384,
                      .multiplies = 384 + 192,
                      .adds = 378 + 192,
                      .conversions = 192,
                      .unpacks = 192}));
  EXPECT_EQ(rows::counts("linear_q8_0", "mb2ic64oc3bias0", Pass::forward),
            (OpCounts{.macs = 384, .multiplies = 384 + 192, .adds = 378, .conversions = 192}));
  EXPECT_EQ(rows::problem_of("linear_q4_k", "mb1ic256oc2").formula(Pass::forward).parameters, 514);
}

TEST(Quantized, BackendsAgree) {
  for (const Row& row : quantized::rows()) {
    rows::expect_backends_agree(row.name, "mb5ic512oc70");
    rows::expect_backends_agree(row.name, "mb1ic256oc33bias0");
  }
}

TEST(Quantized, RefusesWithTheReason) {
  rows::expect_refused("linear_q4_0", "mb1ic33oc1", "multiple of the 32 weights");
  rows::expect_refused("linear_q4_k", "mb1ic32oc1", "multiple of the 256 weights");
  rows::expect_refused("linear_n4bits", "mb1ic32oc1block3", "must be even");
  rows::expect_refused("linear_q8_0", "mb1ic32", "needs ic and oc");
}

}  // namespace
}  // namespace flopmeter::quantized
