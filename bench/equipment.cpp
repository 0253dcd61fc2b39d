#include "bench/equipment.h"

#include <malloc.h>

#include <algorithm>
#include <limits>
#include <variant>

#include "bench/machine/cache_size.h"
#include "bench/machine/topology.h"
#include "bench/memory.h"
#include "kernels/inputs.h"

namespace flopmeter {
namespace {

/// The least of some hundred calls: what is added to it is disturbance.
std::optional<double> least_call(const std::string& backend, int threads, const Clock& clock) {
  constexpr int looks = 200;
  const Problem problem = parse_problem(find_layer("relu"), "mb1ic1");
  if (std::ranges::find(problem.layer->backends, backend, &AnyBackend::name) ==
      problem.layer->backends.end()) {
    return std::nullopt;
  }
  Tensors<float> tensors = make_inputs(problem, Pass::forward, Dtype::f32, 1);
  Preparation preparation = problem.layer->backend(backend).prepare(
      problem.values, {Pass::forward, Dtype::f32, threads}, tensors);
  const auto* prepared = std::get_if<Prepared>(&preparation);
  if (prepared == nullptr) {
    return std::nullopt;
  }
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < looks; ++i) {
    const double begin = clock();
    prepared->run();
    least = std::min(least, clock() - begin);
  }
  return least;
}

}  // namespace

Equipment::Equipment(Clock clock) : clock_(std::move(clock)) {
  mallopt(M_MMAP_MAX, 0);  // blocks of their own mapping are given back when they are freed
  mallopt(M_TRIM_THRESHOLD, -1);
}

CacheEvictor& Equipment::evictor() {
  if (!evictor_) {
    evictor_.emplace(last_level_cache_bytes());
  }
  return *evictor_;
}

std::int64_t Equipment::cache_bytes() {
  if (cache_bytes_ == 0) {
    cache_bytes_ = measured_cache_bytes(clock_);
  }
  return cache_bytes_;
}

CacheEvictor& Equipment::quick_evictor() {
  if (!quick_evictor_) {
    quick_evictor_.emplace(2 * cache_bytes());
  }
  return *quick_evictor_;
}

const std::vector<CacheRow>& Equipment::caches() {
  if (!caches_) {
    caches_ = measure_topology().caches;
  }
  return *caches_;
}

std::shared_ptr<const MemoryRoof> Equipment::memory_roof(int threads) {
  const auto [known, is_new] = memory_roofs_.try_emplace(threads);
  const std::int64_t bytes =
      is_new ? cold_bytes(caches(), threads, available_bytes(), last_level_cache_bytes()) : 0;
  if (bytes > 0) {
    known->second = std::make_shared<const MemoryRoof>(bytes, threads, clock_);
  }
  return known->second;
}

std::optional<double> Equipment::overhead(const std::string& backend, int threads) {
  const auto [known, is_new] = overheads_.try_emplace({backend, threads});
  if (is_new) {
    known->second = least_call(backend, threads, clock_);
  }
  return known->second;
}

const PeakLoop& Equipment::peak(Dtype dtype) {
  const auto found = peaks_.find(dtype);
  if (found != peaks_.end()) {
    return found->second;
  }
  return peaks_.try_emplace(dtype, peak_spec(dtype, clock_), clock_).first->second;
}

}  // namespace flopmeter
