#include "bench/shard.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

TEST(Shard, ReadsIAndN) {
  EXPECT_EQ(parse_shard("0/1").count, 1U);
  EXPECT_EQ(parse_shard("3/4").index, 3U);
  for (const char* wrong : {"", "1", "4/4", "-1/4", "1/0", "1/4x", "a/b", "/", "1/", "0/100001"}) {
    EXPECT_THROW(parse_shard(wrong), BadInput) << wrong;
  }
}

TEST(Shard, EveryCaseBelongsToExactlyOne) {
  std::vector<double> costs;
  for (int i = 0; i < 1000; ++i) {
    costs.push_back(1 + (i * 7919) % 97);
  }
  std::vector<int> owners(costs.size());
  std::vector<double> loads(7);
  for (std::size_t index = 0; index < 7; ++index) {
    const std::vector<bool> mine = in_shard(costs, {index, 7});
    for (std::size_t i = 0; i < costs.size(); ++i) {
      owners[i] += mine[i] ? 1 : 0;
      loads[index] += mine[i] ? costs[i] : 0;
    }
  }
  EXPECT_EQ(std::ranges::count(owners, 1), 1000);
  EXPECT_LT(*std::ranges::max_element(loads) / *std::ranges::min_element(loads), 1.02);
}

TEST(Shard, KeepsTheOrderOfTheCases) {
  const std::vector<int> all{5, 1, 4, 2, 3};
  EXPECT_EQ(shard_of(all, {0, 1}, [](int cost) { return cost; }), all);
  EXPECT_EQ(shard_of(all, {0, 2}, [](int cost) { return cost; }), (std::vector<int>{5, 1, 2}));
}

}  // namespace
}  // namespace flopmeter
