#include "kernels/onednn/reorder.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "kernels/onednn/describe.h"

namespace flopmeter::onednn {
namespace {

using dnnl::memory;

// Prevents the ends of blocks from being lost, as oneDNN 3.7 does between some layouts.
TEST(Reorder, KeepsEveryNumberAndFillsTheRestWithZeros) {
  for (const memory::dim channels : {8, 16, 17, 20, 50}) {
    for (const auto tag :
         {memory::format_tag::ABc16b16a, memory::format_tag::ABc8b8a, memory::format_tag::aBc16b}) {
      const memory::dims dims{33, channels, 3};
      const memory::desc plain(dims, memory::data_type::f32, memory::format_tag::abc);
      const memory::desc blocked(dims, memory::data_type::f32, tag);
      std::vector<float> given(static_cast<std::size_t>(33 * channels * 3));
      std::iota(given.begin(), given.end(), 1.0F);
      std::vector<float> back(given.size());
      std::vector<float> between(blocked.get_size() / sizeof(float), -1.0F);
      const memory from(plain, engine(), given.data());
      const memory middle(blocked, engine(), between.data());
      const memory to(plain, engine(), back.data());
      dnnl::stream stream(engine());
      Reorder(from, middle)(stream);
      Reorder(middle, to)(stream);
      EXPECT_EQ(back, given) << channels;
      EXPECT_EQ(std::accumulate(between.begin(), between.end(), 0.0),
                std::accumulate(given.begin(), given.end(), 0.0))
          << channels;
    }
  }
}

TEST(Reorder, OfItsOwnIsMadeOnlyWhereNothingIsLost) {
  const memory::dims dims{17, 17, 3};
  const memory::desc plain(dims, memory::data_type::f32, memory::format_tag::abc);
  const memory::desc ends(dims, memory::data_type::f32, memory::format_tag::ABc16b16a);
  EXPECT_FALSE(has_ends(plain));
  EXPECT_TRUE(has_ends(ends));
  own_reorder(plain, plain);
  if (reorders_lose_ends()) {
    EXPECT_THROW(own_reorder(plain, ends), KnownWrong);
    EXPECT_THROW(own_reorder(ends, plain), KnownWrong);
  } else {
    own_reorder(plain, ends);
  }
}

#if DNNL_VERSION_MAJOR < 3
TEST(Reorder, OfThisVersionLosesNothing) { EXPECT_FALSE(reorders_lose_ends()); }
#endif

}  // namespace
}  // namespace flopmeter::onednn
