#include "app/bench_output.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;

Record row(std::string status, std::optional<double> peak = {}, std::int64_t threads = 1) {
  Record record;
  record.status = std::move(status);
  record.threads = threads;
  record.peak_gflops = peak;
  record.peak_samples = peak ? std::vector{*peak} : std::vector<double>();
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

// Prevents "not measured" below rows that have a percentage of a peak.
TEST(Legend, IntegersHaveAPeakThatIsNoFlops) {
  Record integers = row("ok", 400);
  integers.peak_gflops.reset();
  integers.peak_instruction = "vpdpbusd zmm";
  EXPECT_THAT(legend(std::vector{integers}),
              HasSubstr("peak: 400.0 10^9 operations/s (vpdpbusd zmm on 1 thread)"));
}

TEST(Legend, WithoutAnyPeak) { EXPECT_THAT(legend({}), HasSubstr("peak: not measured")); }

TEST(Legend, MistrustedIsSaidWhereThereAreAny) {
  EXPECT_THAT(legend(std::vector{row("mistrusted")}), HasSubstr("1 mistrusted"));
}

Record named(const std::string& name, std::string status) {
  Record record = row(std::move(status));
  record.name = name;
  record.cache = "warm";
  return record;
}

/// Lines of a file that begin with the name of a row.
std::ptrdiff_t lines_of(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::ptrdiff_t count = 0;
  for (std::string line; std::getline(file, line);) {
    count += line.starts_with(name) || line.starts_with("| " + name) ? 1 : 0;
  }
  return count;
}

class Resumed : public testing::Test {
 protected:
  Resumed() {
    BenchOutput first({.results = paths.results}, StandardOutput::nothing);
    first.begin({});
    first.add(named("aa", "noisy"));
    first.add(named("bb", "ok"));
    first.add(named("aa", "noisy"));
  }

  void expect_once(const std::string& name) const {
    EXPECT_EQ(lines_of(paths.csv, name), 1) << name;
  }

  TemporaryDirectory directory;
  OutputPaths paths{.results = directory.path() / "run.jsonl",
                    .csv = directory.path() / "run.csv",
                    .markdown = directory.path() / "run.md",
                    .resume = true};
};

// Prevents a noisy row beside the one that was measured in its place.
TEST_F(Resumed, ARowThatIsDoneAnewStandsOnceInAFile) {
  BenchOutput second(paths, StandardOutput::nothing);
  const std::vector planned{named("aa", ""), named("cc", "")};
  EXPECT_FALSE(second.answered(planned[0]));
  second.begin(planned);
  second.add(named("aa", "ok"));
  second.add(named("cc", "ok"));
  second.end();
  for (const char* name : {"aa", "bb", "cc"}) {
    expect_once(name);
  }
  EXPECT_EQ(lines_of(paths.markdown, "aa"), lines_of(paths.markdown, "bb"));
}

// Prevents that a row is lost which a filter kept from being done anew.
TEST_F(Resumed, ARowThatIsNotDoneAnewAfterAllStays) {
  BenchOutput second(paths, StandardOutput::nothing);
  second.begin(std::vector{named("aa", "")});
  second.end();
  expect_once("aa");
  expect_once("bb");
}

}  // namespace
}  // namespace flopmeter
