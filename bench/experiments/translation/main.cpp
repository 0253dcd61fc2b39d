// What counting executed instructions costs: time under the counter over native time, as medians of
// samples taken in turns, beside valgrind's tools that count nothing (none) and instructions
// (lackey).
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "bench/experiments/overhead/contest.h"
#include "bench/experiments/translation/workload.h"
#include "counters/executed/counter.h"

namespace flopmeter::translation {
namespace {

double ratio_of(const Workload& workload) {
  const auto call = workload.make();
  auto counter = std::make_shared<executed::Counter>();
  const overhead::Sampler native = overhead::sampler(call);
  // Many calls to a run, as many as the sampler would make: a run has a cost of its own.
  const double seconds = native();
  const int calls = std::max(1, static_cast<int>(overhead::sample_seconds / seconds));
  const overhead::Sampler counted = overhead::sampler([call, counter, calls] {
    counter->run([&] {
      for (int i = 0; i < calls; ++i) call();
    });
  });
  return overhead::time_ratio([counted, calls] { return counted() / calls; }, native);
}

/// Seconds of a call as run_workload prints them; empty when it does not run.
std::optional<double> seconds_of(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  double seconds = 0;
  const int read = std::fscanf(pipe, "%lf", &seconds);
  return pclose(pipe) == 0 && read == 1 ? std::optional(seconds) : std::nullopt;
}

std::string valgrind_ratio(const std::string& program, const Workload& workload,
                           const std::string& tool) {
  const std::string run = fmt::format("{} '{}'", program, workload.name);
  const auto native = seconds_of(run + " 20");
  const auto slow = seconds_of("valgrind -q --tool=" + tool + " " + run + " 2 2>/dev/null");
  return native && slow ? fmt::format("{:.1f}", *slow / *native) : "-";
}

bool print_row(const std::string& program, const Workload& workload) {
  const double ratio = ratio_of(workload);
  fmt::print("{:<22}  {:<10}  {:>6.2f}  {:>6.2f}  {:>8}  {:>8}  {}\n", workload.name, workload.kind,
             ratio, workload.limit, valgrind_ratio(program, workload, "none"),
             valgrind_ratio(program, workload, "lackey"),
             ratio <= workload.limit ? "" : "above the limit");
  std::fflush(stdout);
  return ratio <= workload.limit;
}

}  // namespace
}  // namespace flopmeter::translation

int main() {
  // valgrind knows no AVX-512: the same kernels everywhere.
  setenv("DNNL_MAX_CPU_ISA", "AVX2", 1);
  omp_set_num_threads(1);
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "run_workload";
  fmt::print("time over native time      kind        counted   limit      none    lackey\n");
  bool good = true;
  for (const auto& workload : flopmeter::translation::workloads())
    good = flopmeter::translation::print_row(program, workload) && good;
  return good ? 0 : 1;
}
