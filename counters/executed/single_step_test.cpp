// What is counted is what a trap after every instruction finds. A trap takes 20 microseconds, so
// that these kernels are small.
#include "counters/executed/fuzz/single_step.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <numeric>

#include "counters/executed/fuzz/fuzzer.h"

namespace flopmeter::executed::fuzz {
namespace {

using Kernel = void (*)();

volatile double sink = 0;
volatile int zero = 0;

void triple_loop() {
  constexpr std::size_t n = 6;
  std::array<float, n * n> a{};
  std::array<float, n * n> b{};
  std::array<float, n * n> c{};
  a.fill(static_cast<float>(zero) + 1.5F);
  b.fill(static_cast<float>(zero) + 2.5F);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j < n; ++j) c.at(i * n + j) += a.at(i * n + k) * b.at(k * n + j);
  asm volatile("" : : "r"(c.data()) : "memory");
}

void vectors() {
  static std::array<float, 200> x;
  std::iota(x.begin(), x.end(), static_cast<float>(zero));
  sink = std::inner_product(x.begin(), x.end(), x.begin(), 0.F);
}

void elementary_functions() {
  const double x = 1.25 + zero;
  sink = std::exp(x) + std::sin(x) + std::pow(x, 3.5) + std::erf(x) + std::log(x);
}

int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
void recursion() { sink = fibonacci(8 + zero); }

void sorting() {
  std::array<int, 40> values{};
  for (int i = 0; i < 40; ++i) values[static_cast<std::size_t>(i)] = (i * 29 + zero) % 41;
  std::sort(values.begin(), values.end(), [](int a, int b) { return a > b; });
  sink = values[3];
}

struct Base {
  virtual ~Base() = default;
  virtual double value(double x) const = 0;
};
struct Twice : Base {
  double value(double x) const override { return 2 * x; }
};
struct Half : Base {
  double value(double x) const override { return x / 2; }
};
void virtual_calls() {
  static const Twice twice;
  static const Half half;
  static const std::array<const Base*, 2> both{&twice, &half};
  double x = 3 + zero;
  for (int i = 0; i < 10; ++i) x = both[static_cast<std::size_t>((i + zero) % 2)]->value(x);
  sink = x;
}

void memory_functions() {
  static std::array<char, 5000> from;
  static std::array<char, 5000> to;
  for (const std::size_t size : {3U, 60U, 300U, 5000U}) {
    std::memset(from.data(), zero + 1, size);
    std::memcpy(to.data(), from.data(), size);
  }
  sink = to[40];
}

void formatting() {
  char text[100];
  sink = std::snprintf(text, sizeof text, "%d %s %.3f", zero, "text", 2.5 + zero);
}

long double x87(long double x) { return x * 3 + std::sqrt(x); }
void extended_precision() { sink = static_cast<double>(x87(zero + 2.5L)); }

struct Case {
  const char* name;
  Kernel kernel;
};

class SingleStep : public testing::TestWithParam<Case> {};

TEST_P(SingleStep, TotalsAreTheSame) {
  const auto run = [](void* kernel) { (*static_cast<const Kernel*>(kernel))(); };
  Kernel kernel = GetParam().kernel;
  run(&kernel);  // functions that are bound when they are first called
  Translator translator(has_fsgsbase());
  translator.run(run, &kernel);
  const Totals stepped = single_step(run, &kernel);
  EXPECT_GT(stepped.instructions, 10);
  EXPECT_EQ(difference(translator.totals(), stepped), "");
}

INSTANTIATE_TEST_SUITE_P(Kernels, SingleStep,
                         testing::Values(Case{"triple_loop", triple_loop}, Case{"vectors", vectors},
                                         Case{"elementary_functions", elementary_functions},
                                         Case{"recursion", recursion}, Case{"sorting", sorting},
                                         Case{"virtual_calls", virtual_calls},
                                         Case{"memory_functions", memory_functions},
                                         Case{"formatting", formatting},
                                         Case{"extended_precision", extended_precision}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(SingleStep, RandomSequences) {
  Fuzzer fuzzer(0x210000000000, has_fsgsbase());
  for (std::uint64_t seed = 1; seed <= 300; ++seed) ASSERT_EQ(fuzzer.compare_totals(seed), "");
}

}  // namespace
}  // namespace flopmeter::executed::fuzz
