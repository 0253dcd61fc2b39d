#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#ifdef FLOPMETER_HAS_ONEDNN
#include <oneapi/dnnl/dnnl.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#endif

#include "bench/experiments/translation/workload.h"

#ifdef FLOPMETER_HAS_ONEDNN
#include "kernels/onednn/describe.h"
#endif

namespace flopmeter::translation {
namespace {

// Makes the compiler believe that the value is used.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

std::vector<float> ones(std::size_t size) {
  std::vector<float> values(size, 1.0F);
  return values;
}

#ifdef FLOPMETER_HAS_ONEDNN
template <int n>
std::function<void()> gemm() {
  auto a = std::make_shared<std::vector<float>>(ones(std::size_t{n} * n));
  auto c = std::make_shared<std::vector<float>>(ones(std::size_t{n} * n));
  return [a, c] {
    dnnl_sgemm('N', 'N', n, n, n, 1.0F, a->data(), n, a->data(), n, 0.0F, c->data(), n);
  };
}

template <int channels, int size>
std::function<void()> convolution() {
  using dnnl::memory;
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  const auto any = memory::format_tag::any;
  const auto f32 = memory::data_type::f32;
  const memory::desc image({1, channels, size, size}, f32, any);
  const memory::desc weights({channels, channels, 3, 3}, f32, any);
  const memory::dims one_each{1, 1};  // strides and padding
  const auto chosen = onednn::describe_on<dnnl::convolution_forward>(
      engine, dnnl::primitive_attr(), dnnl::prop_kind::forward_inference,
      dnnl::algorithm::convolution_direct, image, weights, image, one_each, one_each, one_each);
  const std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, memory(chosen.src_desc(), engine)},
      {DNNL_ARG_WEIGHTS, memory(chosen.weights_desc(), engine)},
      {DNNL_ARG_DST, memory(chosen.dst_desc(), engine)}};
  return [primitive = dnnl::convolution_forward(chosen), stream = dnnl::stream(engine), arguments] {
    primitive.execute(stream, arguments);
  };
}
#endif

[[gnu::noinline]] float sum(const std::vector<float>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0F);
}

[[gnu::noinline]] void axpy(const std::vector<float>& x, std::vector<float>& y) {
  for (std::size_t i = 0; i < x.size(); ++i) y[i] += 1.5F * x[i];
}

std::function<void()> sum_loop() {
  return [x = ones(100000)] { keep(sum(x)); };
}

std::function<void()> axpy_loop() {
  return [x = ones(4096), y = ones(4096)]() mutable {
    for (int i = 0; i < 50; ++i) axpy(x, y);
  };
}

std::function<void()> collatz_loop() {
  return [] {
    std::uint64_t steps = 0;
    for (std::uint64_t start = 1; start < 2000; ++start)
      for (std::uint64_t n = start; n != 1; ++steps) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    keep(steps);
  };
}

std::function<void()> sorting() {
  return [] {
    std::vector<std::uint32_t> values(20000);
    std::mt19937 random(1);
    std::generate(values.begin(), values.end(), random);
    std::function<bool(std::uint32_t, std::uint32_t)> less = std::less<>();
    std::sort(values.begin(), values.end(), less);
    keep(values.front());
  };
}

std::function<void()> tree_of_strings() {
  return [] {
    std::map<std::string, int> counts;
    for (int i = 0; i < 5000; ++i) ++counts["key " + std::to_string(i * 7919 % 1000)];
    keep(counts.size());
  };
}

[[gnu::noinline]] std::uint64_t fibonacci(std::uint64_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

std::function<void()> recursion() {
  return [] { keep(fibonacci(24)); };
}

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};
struct Square : Shape {
  double side = 2;
  double area() const override { return side * side; }
};
struct Circle : Shape {
  double radius = 1;
  double area() const override { return 3.14 * radius * radius; }
};

std::function<void()> virtual_calls() {
  auto shapes = std::make_shared<std::vector<std::unique_ptr<Shape>>>();
  for (int i = 0; i < 50000; ++i) {
    if (i * 7919 % 3 == 0)
      shapes->push_back(std::make_unique<Square>());
    else
      shapes->push_back(std::make_unique<Circle>());
  }
  return [shapes] {
    double total = 0;
    for (const auto& shape : *shapes) total += shape->area();
    keep(total);
  };
}

constexpr double kernel_limit = 1.15;
constexpr double loop_limit = 1.5;
constexpr double call_limit = 3;

constexpr std::array table{
#ifdef FLOPMETER_HAS_ONEDNN
    Workload{"sgemm 128", "oneDNN", kernel_limit, gemm<128>},
    Workload{"sgemm 256", "oneDNN", kernel_limit, gemm<256>},
    Workload{"conv 3x3 64 56x56", "oneDNN", kernel_limit, convolution<64, 56>},
    Workload{"conv 3x3 256 14x14", "oneDNN", kernel_limit, convolution<256, 14>},
#endif
    Workload{"sum", "small loop", loop_limit, sum_loop},
    Workload{"axpy", "small loop", loop_limit, axpy_loop},
    Workload{"collatz", "small loop", loop_limit, collatz_loop},
    Workload{"sort by std::function", "calls", call_limit, sorting},
    Workload{"map of strings", "calls", call_limit, tree_of_strings},
    Workload{"recursion", "calls", call_limit, recursion},
    Workload{"virtual calls", "calls", call_limit, virtual_calls},
};

}  // namespace

std::span<const Workload> workloads() { return table; }

const Workload* find_workload(std::string_view name) {
  const auto* const found =
      std::find_if(table.begin(), table.end(), [&](const Workload& w) { return w.name == name; });
  return found == table.end() ? nullptr : found;
}

}  // namespace flopmeter::translation
