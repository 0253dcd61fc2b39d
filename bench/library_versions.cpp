#include "bench/library_versions.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <utility>

#include "kernels/library_version.h"

namespace flopmeter {

NamedValues library_versions() {
  NamedValues versions;
  if (std::string onednn = library_version("onednn"); !onednn.empty()) {
    versions.emplace_back("oneDNN", std::move(onednn));
  }
  versions.emplace_back("Eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                                             EIGEN_MINOR_VERSION));
#ifdef FLOPMETER_BENCHMARK_VERSION
  versions.emplace_back("Google Benchmark", FLOPMETER_BENCHMARK_VERSION);
#endif
  return versions;
}

}  // namespace flopmeter
