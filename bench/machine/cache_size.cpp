#include "bench/machine/cache_size.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "bench/machine/cache.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20U;
constexpr std::int64_t least = 2 * mebibyte;
constexpr std::int64_t most = 512 * mebibyte;
constexpr int reads = 5;
constexpr int rounds = 3;

void read(const std::vector<std::int64_t>& memory, std::int64_t bytes) {
  read_lines(std::as_bytes(std::span(memory)).first(static_cast<std::size_t>(bytes)));
}

}  // namespace

std::int64_t cache_bytes(const ReadAfter& read_after) {
  std::vector<double> sizes;
  std::vector<double> seconds;
  for (std::int64_t bytes = least; bytes <= most; bytes *= 2) {
    sizes.push_back(static_cast<double>(bytes));
    seconds.push_back(read_after(bytes));
  }
  // The ends are what several sizes agree on: a single one may have been disturbed.
  const double fast = median(std::vector(seconds.begin(), seconds.begin() + 3));
  const double slow = median(std::vector(seconds.end() - 3, seconds.end()));
  const double half = (fast + slow) / 2;
  std::size_t i = 0;
  while (i + 1 < seconds.size() && seconds[i] < half) {
    ++i;
  }
  if (i == 0 || seconds[i] <= seconds[i - 1]) {
    return static_cast<std::int64_t>(sizes[i]);
  }
  const double share = (half - seconds[i - 1]) / (seconds[i] - seconds[i - 1]);
  return std::llround(sizes[i - 1] * std::exp2(std::clamp(share, 0.0, 1.0)));
}

std::int64_t own_cache_bytes() {
  const std::int64_t known = sysconf(_SC_LEVEL2_CACHE_SIZE);
  return known > 0 ? known : mebibyte;
}

std::int64_t measured_cache_bytes(const std::function<double()>& clock) {
  // Ones: pages that were never written are all the same page of zeros.
  const std::vector<std::int64_t> probe(static_cast<std::size_t>(least) / sizeof(std::int64_t), 1);
  const std::vector<std::int64_t> other(static_cast<std::size_t>(most) / sizeof(std::int64_t), 1);
  const auto read_after = [&](std::int64_t bytes) {
    std::vector<double> seconds;
    for (int i = 0; i < reads; ++i) {
      read(probe, least);
      read(other, bytes);
      const double begin = clock();
      read(probe, least);
      seconds.push_back(clock() - begin);
    }
    return median(seconds);
  };
  std::vector<std::int64_t> found;
  for (int i = 0; i < rounds; ++i) {
    found.push_back(cache_bytes(read_after));
  }
  std::ranges::sort(found);
  return found[found.size() / 2];
}

}  // namespace flopmeter
