#include "kernels/families/eltwise/eltwise.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"
#include "kernels/families/eltwise/pieces.h"
#include "kernels/relu/relu.h"

namespace flopmeter::eltwise {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<relu::Layer>(text); }

TEST(EltwiseShape, ParsesBenchdnnDescriptors) {
  EXPECT_EQ(parse("mb1ic64ih112"), (Shape{1, 64, 1, 112, 112}));
  EXPECT_EQ(parse("ic3072"), (Shape{2, 3072, 1, 1, 1}));
  EXPECT_EQ(parse("mb1ic8id3"), (Shape{1, 8, 3, 3, 3}));
  EXPECT_EQ(parse("mb1ic8ih3iw2").elements(), 48);
}

TEST(EltwiseShape, PrintsWhatItParses) {
  for (const std::string_view text :
       {"mb1ic64ih112", "mb128ic3072", "mb1ic8id3", "mb1ic8ih3iw2", "mb1ic8ih1iw2", "mb1ic8ih2iw1",
        "mb1ic8id2ih1", "mb1ic8id2ih3iw4", "mb1ic8id3ih3iw1", "mb1ic8id3ih2"}) {
    EXPECT_EQ(print_shape<relu::Layer>(parse(text)), text);
    EXPECT_EQ(parse(print_shape<relu::Layer>(parse(text))), parse(text)) << text;
  }
}

TEST(EltwiseShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse("mb32"); }, ThrowsMessage<BadInput>(HasSubstr("relu needs ic")));
  EXPECT_THAT([] { parse("mb1ic0"); }, ThrowsMessage<BadInput>(HasSubstr("ic")));
  EXPECT_THAT([] { parse("mb1ic2oc3"); }, ThrowsMessage<BadInput>(HasSubstr("unknown key")));
}

TEST(EltwiseFormula, OverflowIsReported) {
  EXPECT_THROW(relu::Layer::formula(parse("mb4294967296ic4294967296"), Pass::forward),
               CountOverflow);
}

// Prevents elements between two threads' pieces from being left out or computed twice.
TEST(EltwisePieces, MakeUpTheWhole) {
  for (const std::int64_t elements : {1, 15, 16, 17, 31, 100, 1000}) {
    for (const int threads : {1, 2, 3, 7}) {
      std::vector<int> seen(static_cast<std::size_t>(elements));
      in_pieces(elements, threads, [&](std::int64_t begin, std::int64_t length) {
        for (std::int64_t i = begin; i < begin + length; ++i) {
          ++seen[static_cast<std::size_t>(i)];
        }
      });
      EXPECT_THAT(seen, testing::Each(1)) << elements << " by " << threads;
    }
  }
}

TEST(EltwiseEigen, SizesAndThreads) {
  for (const auto* text : {"mb1ic1", "mb1ic17", "mb3ic5ih7", "mb1ic1000"}) {
    eigen::expect_right<relu::Layer>(text);
  }
  eigen::expect_unavailable<relu::Layer>("mb1ic4");
}

}  // namespace
}  // namespace flopmeter::eltwise
