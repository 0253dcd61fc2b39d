// What is timed: a case on so many threads, with its operands in the caches or not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/arrangement.h"
#include "kernels/case.h"

namespace flopmeter {

/// warm: call after call. cold: every call finds its operands in memory.
enum class Cache { warm, cold };

std::string_view to_string(Cache);
/// Throws BadInput naming the accepted ones.
Cache parse_cache(std::string_view);

struct BenchCase {
  Case subject;
  int threads = 1;
  Cache cache = Cache::warm;
  Arrangement arrangement = Arrangement::own;

  /// The case's name, with /layout:plain or /layout:convolution where it is not its own.
  std::string arranged_name() const;

  /// The same with /threads:N and /cache:cold where they are not 1 and warm.
  std::string name() const;
};

/// The options whose cross product is timed. Empty backends: all but the reference, which may be a
/// hundred times slower and is timed when asked for.
struct BenchGrid {
  std::vector<Problem> problems = {};
  std::vector<std::string> backends = {};
  std::vector<Pass> passes{Pass::forward};  // of those that the layer has
  std::vector<Dtype> dtypes{Dtype::f32};
  std::vector<int> threads{1};
  std::vector<Cache> caches{Cache::warm};
  std::vector<Arrangement> arrangements{Arrangement::own};  // empty: the usual ones of each case
  std::string filter = {};  // a regular expression, searched in names and labels
};

/// All cases of the grid, problem by problem; what is named twice is there once. Throws BadInput:
/// an unknown backend, threads below 1 or above `cores`, a filter that is no regular expression or
/// matches nothing.
std::vector<BenchCase> bench_cases(const BenchGrid& grid, int cores);

/// The command line that times this case alone, with the options that are not the default.
std::string command(const BenchCase& what, std::span<const std::string> benchmark_flags);

}  // namespace flopmeter
