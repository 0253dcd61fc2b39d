// One dnnl_sgemm of 256 x 256 x 256, or as many at once as there are arguments: prints the sums of
// the results.
#include <oneapi/dnnl/dnnl.h>

#include <cstdio>
#include <thread>
#include <vector>

namespace {

constexpr dnnl_dim_t n = 256;

std::vector<float> filled(int step) {
  std::vector<float> values(static_cast<std::size_t>(n * n));
  int next = 0;
  for (float& value : values) {
    next = (next + step) % 17;
    value = static_cast<float>(next);
  }
  return values;
}

double product_sum() {
  const std::vector<float> a = filled(3);
  const std::vector<float> b = filled(5);
  std::vector<float> c(a.size());
  dnnl_sgemm('N', 'N', n, n, n, 1.F, a.data(), n, b.data(), n, 0.F, c.data(), n);
  double sum = 0;
  for (const float value : c) sum += static_cast<double>(value);
  return sum;
}

}  // namespace

int main(int argc, char**) {
  std::vector<double> sums(static_cast<std::size_t>(argc < 2 ? 1 : argc - 1));
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < sums.size(); ++i)
    threads.emplace_back([&sums, i] { sums[i] = product_sum(); });
  sums[0] = product_sum();
  for (std::thread& thread : threads) thread.join();
  for (const double sum : sums) std::printf("%.0f\n", sum);
}
