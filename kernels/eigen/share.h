// How the Eigen backends use threads.
#pragma once

#include <cstdint>

#include "kernels/eigen/gemm.h"

namespace flopmeter::eigen {

/// Calls work(0) ... work(items - 1). Threads share the items where there are enough of them, and
/// else Eigen may use them within each.
template <class Work>
void share(std::int64_t items, int threads, const Work& work) {
  if (threads == 1 || items < threads) {
    const UseThreads inside(threads);
    for (std::int64_t item = 0; item < items; ++item) {
      work(item);
    }
    return;
  }
  const UseThreads inside(1);
#pragma omp parallel for num_threads(threads)
  for (std::int64_t item = 0; item < items; ++item) {
    work(item);
  }
}

}  // namespace flopmeter::eigen
