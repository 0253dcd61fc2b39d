#include "kernels/mla/mla.h"

#include <gmock/gmock.h>

namespace flopmeter::mla {
namespace {

// DeepSeek-V2-Lite: q 2048 x 16 * 192, latent 2048 x 576 with a norm of 512, up 512 x 16 * 256, out
// 16 * 128 x 2048; scores over 192, values over 128.
TEST(MlaFormula, IsThatOfDeepSeek) {
  const Formula formula =
      Layer::formula(parse_shape<Layer>("mb1l16e2048h16kvl512d128dr64"), Pass::forward);
  const std::int64_t matrices = 2048 * 16 * 192 + 2048 * 576 + 512 * 16 * 256 + 16 * 128 * 2048;
  EXPECT_EQ(formula.parameters, matrices + 512);
  EXPECT_EQ(formula.dense.macs, 16 * matrices + 16 * 16 * 16 * (192 + 128));
  EXPECT_EQ(formula.in_bounds.macs, formula.dense.macs - 16 * 120 * (192 + 128));
}

// DeepSeek-V2's queries go through 1536 features and a norm.
TEST(MlaFormula, QueriesMayHaveALatent) {
  const auto parameters = [](std::string_view text) {
    return Layer::formula(parse_shape<Layer>(text), Pass::forward).parameters;
  };
  EXPECT_EQ(parameters("mb1l1e24h2kvl8ql12d6dr4") - parameters("mb1l1e24h2kvl8d6dr4"),
            24 * 12 + 12 + 12 * 20 - 24 * 20);
}

TEST(MlaShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse_shape<Layer>("mb1l4e8h2d2dr2"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("needs l, e, h, kvl")));
  EXPECT_THAT([] { parse_shape<Layer>("mb1l4s9e8h2kvl2d2dr2"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("l and past make 4")));
}

}  // namespace
}  // namespace flopmeter::mla
