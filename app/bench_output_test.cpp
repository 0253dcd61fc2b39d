#include "app/bench_output.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace flopmeter {
namespace {

using testing::HasSubstr;

Record row(std::string status, std::optional<double> peak = {}, std::int64_t threads = 1) {
  Record record;
  record.status = std::move(status);
  record.threads = threads;
  record.peak_gflops = peak;
  record.peak_instruction = peak ? "vfmadd231ps zmm" : "";
  return record;
}

TEST(Legend, CountsEveryStatusAndNamesThePeaks) {
  const std::string text =
      legend(std::vector{row("ok", 100), row("ok", 102), row("noisy", 104), row("failed"),
                         row("unavailable"), row("ok", 200, 2)});
  EXPECT_THAT(text, HasSubstr("102.0 GFLOPS (vfmadd231ps zmm on 1 thread), "
                              "200.0 GFLOPS (vfmadd231ps zmm on 2 threads)"));
  EXPECT_THAT(text, HasSubstr("3 ok, 1 noisy, 1 failed, 1 unavailable\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
}

// Prevents GFLOPS of two rules in one table without a word.
TEST(Legend, NamesTheRuleOfLayersWithoutMacs) {
  Record activation = row("ok");
  activation.convention = "exact in-bounds";
  EXPECT_THAT(legend(std::vector{activation}), HasSubstr("or without MACs every multiply"));
  EXPECT_THAT(legend(std::vector{row("ok")}), testing::Not(HasSubstr("without MACs")));
}

TEST(Legend, WithoutAnyPeak) { EXPECT_THAT(legend({}), HasSubstr("peak: not measured")); }

TEST(Legend, MistrustedIsSaidWhereThereAreAny) {
  EXPECT_THAT(legend(std::vector{row("mistrusted")}), HasSubstr("1 mistrusted"));
}

}  // namespace
}  // namespace flopmeter
