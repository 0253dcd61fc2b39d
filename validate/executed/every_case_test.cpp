// Counting must not change what is counted: every default case of every layer, in every pass, on
// every backend and dtype, gives the same bits counted and native. Where DNNL_MAX_CPU_ISA is set,
// as validate/CMakeLists.txt does in runs of their own, oneDNN alone.
#include <gtest/gtest.h>

#ifdef FLOPMETER_HAS_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#endif

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <numeric>

#include "validate/executed/account.h"

namespace flopmeter {
namespace {

bool isa_is_forced() { return std::getenv("DNNL_MAX_CPU_ISA") != nullptr; }

/// Why a run with the instruction set of DNNL_MAX_CPU_ISA would be one with another that has its own.
std::string no_run_of_its_own() {
#ifdef FLOPMETER_HAS_ONEDNN
  std::string used = dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa());
  std::ranges::transform(used, used.begin(), [](unsigned char c) { return std::toupper(c); });
  if (isa_is_forced() && !used.ends_with("_" + std::string(std::getenv("DNNL_MAX_CPU_ISA")))) {
    return "this CPU has none of it: oneDNN uses " + used;
  }
  return "";
#else
  return isa_is_forced() ? "this build has no oneDNN" : "";
#endif
}

bool sanitized() {
#ifdef __SANITIZE_ADDRESS__
  return true;
#else
  return false;
#endif
}

/// The most dense MACs, or elements where there are more of these. Plain loops execute the same
/// few instructions whatever their trip counts; `flopmeter validate --executed` has no limit.
std::int64_t limit(BackendKind kind) {
  const std::int64_t share = sanitized() ? 25 : isa_is_forced() ? 5 : 1;
  return (kind == BackendKind::binary ? 5'000'000 : 500'000) / share;
}

std::int64_t work_of(const Problem& problem, Pass pass) {
  return std::max(problem.formula(pass).dense.macs, compulsory_elements(problem.operands(pass)));
}

class EveryCase : public testing::TestWithParam<std::size_t> {};

void expect_unchanged(const Case& subject, Inputs& inputs) {
  const Executed executed = account(subject, inputs).executed;
  EXPECT_EQ(executed.disagreement, "") << subject.name();
  EXPECT_TRUE(executed.counted() == (executed.instructions > 0)) << subject.name();
  // What a backend cannot do is in the layer's own tests; the counter must be able to do all.
  EXPECT_EQ(executed.problem.find("cannot count"), std::string::npos) << executed.problem;
}

void expect_unchanged(const Problem& problem, Pass pass) {
  Inputs inputs(problem, pass, 1);
  for (const AnyBackend& backend : problem.layer->backends) {
    const bool other = isa_is_forced() && backend.kind != BackendKind::binary;
    if (other || work_of(problem, pass) > limit(backend.kind)) {
      continue;
    }
    for (const Dtype dtype : all_dtypes) {
      expect_unchanged({problem, pass, backend.name, dtype}, inputs);
    }
  }
}

TEST_P(EveryCase, GivesTheSameBitsCounted) {
  if (const std::string reason = executed::why_unavailable(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  if (const std::string reason = no_run_of_its_own(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  const AnyLayer& layer = layers().at(GetParam());
  for (const Problem& problem : default_problems(layer)) {
    for (const Pass pass : layer.passes) {
      expect_unchanged(problem, pass);
    }
  }
}

std::vector<std::size_t> layer_indices() {
  std::vector<std::size_t> all(layers().size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Executed, EveryCase, testing::ValuesIn(layer_indices()),
                         [](const auto& test) {
                           return std::string(layers().at(test.param).name);
                         });

}  // namespace
}  // namespace flopmeter
