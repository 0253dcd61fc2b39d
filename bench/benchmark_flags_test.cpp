#include "bench/benchmark_flags.h"

#include <gmock/gmock.h>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string message(const std::string& flag) try {
  const BenchmarkFlags flags({flag});
  return "";
} catch (const BadInput& error) {
  return error.what();
}

class Refused : public testing::TestWithParam<std::string> {};

// Google Benchmark ends the program at most of these, some with exit code 0.
TEST_P(Refused, InOneLineThatNamesIt) {
  EXPECT_THAT(message(GetParam()), HasSubstr("'" + GetParam() + "'"));
  EXPECT_EQ(message(GetParam()).find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Flags, Refused,
    testing::Values("--benchmark_format=xml", "--benchmark_out_format=", "--benchmark_time_unit=h",
                    "--benchmark_repetitions=0", "--benchmark_repetitions=many",
                    "--benchmark_min_time=soon", "--benchmark_min_time=-1", "--benchmark_filter=(",
                    "--benchmark_out=/nonexistent/file",
                    "--benchmark_enable_random_interleaving=true", "--benchmark_unheard_of=1"));

TEST(BenchmarkFlags, AcceptsWhatGoogleBenchmarkAccepts) {
  for (const char* flag : {"--benchmark_format=json", "--benchmark_repetitions=3",
                           "--benchmark_min_time=0.1", "--benchmark_filter=-eigen",
                           "--benchmark_counters_tabular=true", "--benchmark_time_unit=us"}) {
    EXPECT_EQ(message(flag), "");
  }
}

TEST(BenchmarkFlags, TheLastValueCounts) {
  const BenchmarkFlags flags({"--benchmark_format=csv", "--benchmark_format=json"});
  EXPECT_EQ(flags.value("benchmark_format"), "json");
  EXPECT_EQ(flags.value("benchmark_out"), "");
}

TEST(BenchmarkFlags, KnowsListing) {
  EXPECT_TRUE(BenchmarkFlags({"--benchmark_list_tests"}).lists_only());
  EXPECT_TRUE(BenchmarkFlags({"--benchmark_list_tests=true"}).lists_only());
  EXPECT_FALSE(BenchmarkFlags({"--benchmark_list_tests=false"}).lists_only());
  EXPECT_FALSE(BenchmarkFlags().lists_only());
}

// Prevents a row's command from timing something else, or from writing over a file.
TEST(BenchmarkFlags, OnlyWhatChangesTheMeasurementIsReproduced) {
  const BenchmarkFlags flags(
      {"--benchmark_format=json", "--benchmark_repetitions=9", "--benchmark_min_time=0.1"});
  EXPECT_THAT(flags.measuring(),
              ElementsAre("--benchmark_repetitions=9", "--benchmark_min_time=0.1"));
}

}  // namespace
}  // namespace flopmeter
