#include "bench/library_versions.h"

#include <fmt/format.h>

#include <Eigen/Core>

#ifdef FLOPMETER_HAS_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif

namespace flopmeter {

NamedValues library_versions() {
  NamedValues versions;
#ifdef FLOPMETER_HAS_ONEDNN
  const dnnl_version_t* onednn = dnnl_version();
  versions.emplace_back("oneDNN",
                        fmt::format("{}.{}.{}", onednn->major, onednn->minor, onednn->patch));
#endif
  versions.emplace_back("Eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                                             EIGEN_MINOR_VERSION));
#ifdef FLOPMETER_BENCHMARK_VERSION
  versions.emplace_back("Google Benchmark", FLOPMETER_BENCHMARK_VERSION);
#endif
  return versions;
}

}  // namespace flopmeter
