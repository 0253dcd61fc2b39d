// What measuring costs, in one run, as medians of the ratios of samples taken in turns: the
// counting scalar against float, the harness against the bare library, our Eigen kernels against
// Eigen.
#include <fmt/format.h>

#include <array>
#include <functional>
#include <memory>

#include "bench/experiments/overhead/bare_eigen.h"
#include "bench/experiments/overhead/bare_onednn.h"
#include "bench/experiments/overhead/contest.h"
#include "bench/experiments/overhead/harness.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/matmul/matmul.h"

namespace flopmeter::overhead {
namespace {

struct Conv {
  std::int64_t channels;
  std::int64_t size;

  std::string shape() const { return fmt::format("mb1ic{0}ih{1}oc{0}oh{1}kh3ph1", channels, size); }
};

// The 3 x 3 convolutions of ResNet-50 with stride 1.
constexpr std::array<Conv, 4> convs{{{64, 56}, {128, 28}, {256, 14}, {512, 7}}};

constexpr Limits counting_limits{.low = 1 / 1.2, .high = 1.2};
constexpr Limits harness_limits{.low = 0.95, .high = 1.01};

template <Layer L, class T>
std::function<void()> reference_call(std::string_view text) {
  const auto shape = parse_shape<L>(text);
  Tensors<float> inputs(L::operands(shape, Pass::forward));
  fill(inputs, 1);
  auto tensors = std::make_shared<Tensors<T>>(inputs);
  return [shape, tensors] { L::template reference<T>(shape, Pass::forward, *tensors); };
}

std::int64_t counted_operations(const std::function<void()>& call) {
  const OpCounts counts = count_operations(call);
  std::int64_t sum = 0;
  for (const std::int64_t part :
       {counts.multiplies, counts.adds, counts.divides, counts.square_roots, counts.comparisons}) {
    sum += part;
  }
  return sum;
}

/// The counting scalar against float, and float against what `bench` times as the reference: the same
/// template in another translation unit, which must be as fast.
template <Layer L>
bool counting(std::string_view shape) {
  const auto counted = reference_call<L, Counted<float>>(shape);
  const Sampler tallying = sampler(counted);
  const Sampler plain = sampler(reference_call<L, float>(shape));
  const std::string of = fmt::format("{} {}", L::name, shape);
  const bool good =
      print("Counted<float> / float, " + of, time_ratio(tallying, plain), counting_limits);
  fmt::print("{:<72}{:>6.3f}   10^9 operations/s\n", "  counted by Counted<float>",
             1e-9 * static_cast<double>(counted_operations(counted)) / tallying());
  return print("reference as bench times it / float, " + of,
               time_ratio(harness_sampler(L::name, shape, "reference"), plain), counting_limits) &&
         good;
}

#ifdef FLOPMETER_HAS_ONEDNN
bool harness() {
  const std::string shape = "1024x1024:1024x1024";
  bool good =
      print("harness / bare oneDNN, matmul " + shape,
            time_ratio(harness_sampler("matmul", shape, "onednn"), bare_onednn_matmul(1024)),
            harness_limits);
  for (const Conv& conv : convs) {
    const double ratio = time_ratio(harness_sampler("conv2d", conv.shape(), "onednn"),
                                    bare_onednn_conv(conv.channels, conv.size));
    good = print("harness / bare oneDNN, conv2d " + conv.shape(), ratio, harness_limits) && good;
  }
  return good;
}
#else
bool harness() { return true; }
#endif

/// Speed of the backend as a share of that of a bare product with as many MACs.
double eigen_share(std::string_view layer, std::string_view shape, const Sampler& product) {
  return 1 / time_ratio(harness_sampler(layer, shape, "eigen"), product);
}

bool eigen() {
  bool good = true;
  for (const std::int64_t n : {512, 1024}) {
    const std::string shape = fmt::format("{0}x{0}:{0}x{0}", n);
    const double share = eigen_share("matmul", shape, bare_eigen_product(n, n, n));
    good =
        print("Eigen backend, speed / bare product, matmul " + shape, share, {.low = 0.95}) && good;
  }
  const std::string linear = "mb128ic768oc768";
  const double linear_share = eigen_share("linear", linear, bare_eigen_linear(128, 768, 768));
  good =
      print("Eigen backend, speed / bare product, linear " + linear, linear_share, {.low = 0.95}) &&
      good;
  for (const Conv& conv : convs) {
    const Sampler product =
        bare_eigen_product(conv.channels, 9 * conv.channels, conv.size * conv.size);
    const double share = eigen_share("conv2d", conv.shape(), product);
    good =
        print("Eigen backend, speed / bare product, conv2d " + conv.shape(), share, {.low = 0.6}) &&
        good;
  }
  return good;
}

bool run() {
  fmt::print("Medians of the ratios of CPU time, samples of {} ms taken in turns\n",
             1000 * sample_seconds);
  bool good = counting<matmul::Layer>("512x512:512x512");
  good = counting<conv2d::Layer>("mb1ic64ih56oc64oh56kh3ph1") && good;
  good = harness() && good;
  good = eigen() && good;
  return good;
}

}  // namespace
}  // namespace flopmeter::overhead

int main() try { return flopmeter::overhead::run() ? 0 : 1; } catch (const std::exception& error) {
  fmt::print(stderr, "flopmeter_overhead_bench: {}\n", error.what());
  return 2;
}
