#include "kernels/scans/selective_scan.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::scans {
namespace {

using rows::outputs;
using testing::DoubleNear;
using testing::ElementsAre;

// One state, two tokens: h = 2 x 3 x 5 = 30, y = 7 x 30 + 11 x 5 = 265; then with d = 1, a = log 2:
// h = 30 / 2 + 1 x 1 x 1 = 16, y = 1 x 16 + 11.
TEST(SelectiveScan, DecaysAndAdds) {
  EXPECT_THAT(outputs("selective_scan", "mb1l2c1n1", Pass::forward,
                      {{"src", {5, 1}},
                       {"delta", {2, 1}},
                       {"b", {3, 1}},
                       {"c", {7, 1}},
                       {"weights_a", {std::log(2.0)}},
                       {"weights_d", {11}}}),
              ElementsAre(DoubleNear(265, 1e-12), DoubleNear(27, 1e-12)));
}

// 2 tokens of 3 features with 4 states: 24 MACs. Products: 24 of C, 24 of B, 2 x 12 of the decays of
// the second token, 2 x 6. Adds: 18 within the sums, 12 of states, 6 of D.
TEST(SelectiveScan, CountsByHand) {
  EXPECT_EQ(rows::counts("selective_scan", "mb1l2c3n4", Pass::forward),
            (OpCounts{.macs = 24, .multiplies = 84, .adds = 36, .exponentials = 12}));
}

// The second token of the one above: dh = C dy = 3, what the first state gets is half of it. x: 3 + 11 x 3. d: x times 3
// less a h e dh. B: d x dh. C: h dy.
TEST(SelectiveScan, GradientsGoBackThroughTheDecay) {
  const auto near = [](double value) { return DoubleNear(value, 1e-12); };
  const std::initializer_list<std::pair<std::string_view, std::vector<double>>> given{
      {"src", {5, 1}},
      {"delta", {2, 1}},
      {"b", {3, 1}},
      {"c", {7, 1}},
      {"weights_a", {std::log(2.0)}},
      {"weights_d", {11}},
      {"diff_dst", {0, 3}}};
  EXPECT_THAT(outputs("selective_scan", "mb1l2c1n1", Pass::backward_data, given),
              ElementsAre(near(1.5 * 3 * 2), near(3 + 33),                        // src
                          near(1.5 * 3 * 5), near(3 - std::log(2.0) * 30 * 1.5),  // delta
                          near(1.5 * 10), near(3),                                // b
                          near(0), near(16 * 3)));                                // c
  EXPECT_THAT(outputs("selective_scan", "mb1l2c1n1", Pass::backward_weights,
                      {{"src", {5, 1}},
                       {"delta", {2, 1}},
                       {"b", {3, 1}},
                       {"c", {7, 1}},
                       {"weights_a", {std::log(2.0)}},
                       {"diff_dst", {0, 3}}}),
              ElementsAre(near(-30 * 1.5), near(3)));
}

// Two tokens of 3 features with 4 states, 24 states of which 12 decay: made anew, 54 products, 12 sums, 12 exponentials.
// Data: MACs 24 of C, of B, of d x, 12 of the exponents. Weights: 12 of a, 6 of D.
TEST(SelectiveScan, CountsGradientsByHand) {
  EXPECT_EQ(rows::counts("selective_scan", "mb1l2c3n4", Pass::backward_data),
            (OpCounts{.macs = 84,
                      .multiplies = 54 + 84 + 24 + 24 + 18,
                      .adds = 12 + (16 + 16 + 18 + 9) + 12 + 6 + 3,
                      .exponentials = 12}));
  EXPECT_EQ(
      rows::counts("selective_scan", "mb1l2c3n4", Pass::backward_weights),
      (OpCounts{.macs = 18, .multiplies = 54 + 36 + 18, .adds = 12 + 0 + 3, .exponentials = 12}));
}

}  // namespace
}  // namespace flopmeter::scans
