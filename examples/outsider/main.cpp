// Counts a dot product twice: what its algorithm does, and what its machine code does.
//
//   cmake -S . -B build && cmake --build build && build/outsider
//   flopmeter exec build/outsider      # what the region executes, with the rest of the program
#include <flopmeter/region.h>

#include <cstdint>
#include <cstdio>
#include <vector>

#include "counters/counted.h"
#include "counters/executed/counter.h"

using flopmeter::Counted;
using flopmeter::OpCounts;
namespace executed = flopmeter::executed;

/// y = sum_i a[i] * b[i]
template <class T>
T dot(const std::vector<T>& a, const std::vector<T>& b) {
  T sum = T(0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

int main() {
  constexpr std::int64_t n = 1000;
  const std::vector<Counted<float>> counting(n, Counted<float>(2.0F));
  const OpCounts algorithm = flopmeter::count_operations([&] { dot(counting, counting); });
  std::printf("algorithm: %lld MACs\n", static_cast<long long>(algorithm.macs));
  if (algorithm.macs != n) {
    return 1;
  }

  const std::vector<float> values(n, 2.0F);
  volatile float result = 0;
  flopmeter_region_begin("dot");
  result = dot(values, values);
  flopmeter_region_end("dot");

  if (const std::string why = executed::why_unavailable(); !why.empty()) {
    std::printf("machine code: not counted: %s\n", why.c_str());
    return 0;
  }
  const executed::Totals totals = executed::count([&] { result = dot(values, values); });
  const OpCounts machine = executed::op_counts(totals, executed::Lanes::active);
  std::printf("machine code: %lld multiplies, result %g\n",
              static_cast<long long>(machine.multiplies), static_cast<double>(result));
  return machine.multiplies == n ? 0 : 1;
}
