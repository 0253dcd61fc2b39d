#include <fmt/format.h>

#include <array>
#include <string>

#include "kernels/conv2d/conv2d.h"
#include "kernels/eigen/backend_testing.h"

namespace flopmeter::conv2d {
namespace {

/// Channels and groups that take each way through the backend: grouped, depthwise and neither.
constexpr std::array channels{"g1mb2ic3oc5", "g2mb1ic4oc6", "g6mb2ic6oc6", "g3mb1ic3oc6",
                              "g1mb1ic1oc1"};

/// Written for one axis, with {0} for its letter. The last ones ask for asymmetric padding, and for
/// outputs that see nothing but padding.
constexpr std::array axes{"i{0}11k{0}1",
                          "i{0}9k{0}3",
                          "i{0}13k{0}3p{0}1",
                          "i{0}12k{0}3s{0}2p{0}1",
                          "i{0}7k{0}1s{0}2",
                          "i{0}14k{0}5s{0}3p{0}2",
                          "i{0}10k{0}2p{0}1d{0}2",
                          "i{0}5k{0}5",
                          "i{0}6o{0}10k{0}4p{0}2",
                          "i{0}7o{0}4k{0}3s{0}2p{0}0",
                          "i{0}5o{0}9k{0}1p{0}2",
                          "i{0}2o{0}9k{0}2p{0}4",
                          "i{0}1o{0}5k{0}3p{0}3d{0}2"};

TEST(Conv2dEigen, EveryPairOfAxes) {
  for (const char* groups : channels) {
    for (const char* v : axes) {
      for (const char* h : axes) {
        const std::string text =
            groups + fmt::format(fmt::runtime(v), 'h') + fmt::format(fmt::runtime(h), 'w');
        eigen::expect_right<Layer>(text + "bias0");
        eigen::expect_right<Layer>(text + "bias1");
      }
    }
  }
}

// More channels and pixels than one block holds, in the inner loops of every vector length.
TEST(Conv2dEigen, SeveralBlocks) {
  for (const char* text :
       {"mb2ic70ih30oc9kh3ph1", "mb1ic130ih20iw40oc3kh3kw3ph1pw1bias0", "mb1ic20ih40oc4kh7ph3sh2",
        "g2mb1ic150ih28oc8kh3ph1", "mb1ic8ih50iw60oc6kh1kw1", "mb1ic3ih64oc8kh30sh5",
        "mb3ic64ih7oc5oh1kh7ph0", "g5mb2ic5ih70iw90oc5kh3kw3ph1pw1",
        "g3mb1ic3ih80oc3kh5ph2sh2bias0"}) {
    eigen::expect_right<Layer>(text);
  }
}

TEST(Conv2dEigen, DepthwiseLeavesOutRowsInThePadding) {
  const auto shape = parse_shape<Layer>("g2mb1ic2ih3oc2oh3kh3ph1bias0");
  // The upper and lower output rows see 2 rows of 3 taps, the middle one 3, each at 3 outputs:
  // 3 * 3 * (2 + 3 + 2) = 63, for two channels.
  EXPECT_EQ(conv::Convolution::stated_eigen(shape, Pass::forward),
            (OpCounts{.macs = 126, .multiplies = 126, .adds = 126}));
}

// What is laid out has edges: padding wider than the row, strides
// larger than the kernel, planes smaller than a packet.
TEST(Conv2dEigen, DepthwiseEdges) {
  for (const std::string text :
       {"g3mb2ic3ih2oc3oh42kh1ph20", "g2mb1ic2ih1iw40oc2oh1ow47kh1kw2ph0pw5",
        "g3mb1ic3ih4oc3kh3sh4ph4", "g2mb2ic2ih9iw11oc2kh3kw5sh2sw3ph2pw1dh1dw2bias0",
        "g2mb1ic2ih70oc2kh3sh2ph1", "g2mb1ic2ih20iw18oc2kh2kw2sh5sw7"}) {
    eigen::expect_right<Layer>(text);
  }
}

TEST(Conv2dEigen, PointwiseIsOneProductForEachSample) {
  const auto shape = parse_shape<Layer>("mb2ic64ih8oc64kh1");
  EXPECT_EQ(conv::Convolution::stated_eigen(shape, Pass::forward).macs,
            2 * 266'240);  // see kernels/eigen
}

TEST(Conv2dEigen, SaysWhatItCannotDo) { eigen::expect_unavailable<Layer>("mb1ic2ih4oc2kh3"); }

}  // namespace
}  // namespace flopmeter::conv2d
