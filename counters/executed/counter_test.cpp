#include "counters/executed/counter.h"

#include <gmock/gmock.h>

#include <vector>

namespace flopmeter::executed {
namespace {

[[gnu::noinline]] void triple_loop(const float* a, const float* b, float* c, int n) {
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < n; ++k)
      for (int j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
}

TEST(Executed, TripleLoop) {
  constexpr int n = 64;
  std::vector<float> a(n * n, 1.5F);
  std::vector<float> b(n * n, 0.25F);
  std::vector<float> c(n * n);
  Counter counter;
  counter.run([&] { triple_loop(a.data(), b.data(), c.data(), n); });
  // By FMAs or, depending on the compiler, separately.
  EXPECT_EQ(op_counts(counter.totals(), Lanes::active).multiplies, 262144);
  EXPECT_EQ(op_counts(counter.totals(), Lanes::full).adds, 262144);
  EXPECT_THAT(c, testing::Each(24.F));
}

}  // namespace
}  // namespace flopmeter::executed
