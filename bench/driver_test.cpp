#include "bench/driver.h"

#include <gmock/gmock.h>

#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include "bench/machine/peak_spec.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What a planted backend does wrong, besides computing the product.
using Fault = std::function<void(float* dst)>;

AnyBackend planted(std::string_view name, const Fault& fault) {
  AnyBackend backend = find_layer("matmul").backend("reference");
  backend.kind = BackendKind::source;  // a definition is timed only when it is asked for
  backend.name = name;
  const auto prepare = backend.prepare;
  backend.prepare = [prepare, fault](const Values& values, const Setup& setup,
                                     Tensors<float>& tensors) {
    Preparation preparation = prepare(values, setup, tensors);
    if (auto* prepared = std::get_if<Prepared>(&preparation)) {
      prepared->run = [run = prepared->run, fault, &tensors] {
        run();
        fault(tensors["dst"]);
      };
    }
    return preparation;
  };
  return backend;
}

/// matmul with backends that go wrong in every way.
AnyLayer layer_of_faults() {
  AnyLayer layer = find_layer("matmul");
  auto timed = std::make_shared<int>(0);
  layer.backends = {
      planted("right", [](float*) {}),
      planted("off_by_one", [](float* dst) { dst[3] += 1; }),
      planted("unwritten", [](float* dst) { dst[0] = std::numeric_limits<float>::quiet_NaN(); }),
      planted("accumulates",
              [sum = std::make_shared<float>(0)](float* dst) { dst[0] = *sum += dst[0]; }),
      planted("throws", [](float*) { throw std::runtime_error("no luck"); }),
      planted("throws_later", [timed](float*) {
        if (++*timed > 3) {
          throw std::runtime_error("no luck later");
        }
      })};
  return layer;
}

/// Seconds that grow by a tenth of a millisecond at each look.
Clock ticking() {
  return [now = std::make_shared<double>(0)] { return *now += 1e-4; };
}

class Driver : public testing::Test {
 protected:
  std::vector<Record> run(const BenchGrid& grid, std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"--benchmark_min_time=0.0001", "--benchmark_repetitions=3"});
    std::vector<Record> rows;
    run_cases(
        bench_cases(grid, 2), BenchmarkFlags(std::move(flags)),
        [&](const Record& record) { rows.push_back(record); }, ticking());
    return rows;
  }

  Problem problem(const std::string& shape = "2x3:3x5") const {
    return parse_problem(faults, shape);
  }

  const AnyLayer faults = layer_of_faults();
};

std::vector<std::string> statuses(const std::vector<Record>& rows) {
  std::vector<std::string> all;
  for (const Record& row : rows) {
    all.push_back(row.backend + " " + row.status);
  }
  return all;
}

// The heart of it: what is wrong is not timed, and loses no other row.
TEST_F(Driver, TimesOnlyWhatIsRight) {
  const auto rows = run({.problems = {problem()}});
  EXPECT_THAT(statuses(rows),
              ElementsAre("right ok", "off_by_one failed", "unwritten failed", "accumulates failed",
                          "throws failed", "throws_later failed"));
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_FALSE(rows[i].seconds) << rows[i].name;
    EXPECT_FALSE(rows[i].percent_of_peak) << rows[i].name;
  }
  EXPECT_THAT(rows[1].reason, HasSubstr("element 3"));
  EXPECT_EQ(rows[1].max_error, 1);
  EXPECT_THAT(rows[2].reason, HasSubstr("never written"));
  EXPECT_EQ(rows[4].reason, "no luck");
  EXPECT_EQ(rows[5].reason, "no luck later");
}

// Prevents the calls by which Google Benchmark finds the number of iterations from being samples.
TEST_F(Driver, OnlyReportedRepetitionsAreSamples) {
  const auto rows = run({.problems = {problem()}, .backends = {"right"}});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].samples.size(), 3U);
  // The clock is looked at twice around all calls of a sample: a tenth of a millisecond.
  EXPECT_NEAR(*rows[0].seconds * static_cast<double>(*rows[0].calls), 1e-4, 1e-9);
  EXPECT_EQ(rows[0].peak_instruction, peak_candidates(Dtype::f32).front()->instruction());
}

TEST_F(Driver, AggregatesOnlyStillGivesEverySample) {
  const auto rows = run({.problems = {problem()}, .backends = {"right"}},
                        {"--benchmark_report_aggregates_only=true"});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].samples.size(), 3U);
}

// Prevents a run that breaks off from losing what it had: each row is out before the next begins.
TEST_F(Driver, EachRowIsOutBeforeTheNextCaseStarts) {
  int calls = 0;
  int calls_at_first_row = -1;
  AnyLayer layer = faults;
  layer.backends = {planted("right", [](float*) {}), planted("next", [&](float*) { ++calls; })};
  const auto cases = bench_cases({.problems = {parse_problem(layer, "2x3:3x5")}}, 1);
  run_cases(
      cases, BenchmarkFlags({"--benchmark_min_time=0.0001", "--benchmark_repetitions=2"}),
      [&](const Record& row) {
        calls_at_first_row = row.backend == "right" ? calls : calls_at_first_row;
      },
      ticking());
  EXPECT_EQ(calls_at_first_row, 0);
  EXPECT_GT(calls, 0);
}

TEST_F(Driver, UnavailableIsARowWithItsReason) {
  const auto rows = run(
      {.problems = {problem()}, .backends = {"right"}, .dtypes = {Dtype::bf16}, .threads = {1}});
  EXPECT_THAT(statuses(rows), ElementsAre("right unavailable"));
  EXPECT_THAT(rows[0].reason, HasSubstr("f32 only"));
}

TEST_F(Driver, ThreadsThatABackendHasNot) {
  const auto rows = run({.problems = {problem()}, .backends = {"right"}, .threads = {1, 2}});
  EXPECT_THAT(statuses(rows), ElementsAre("right ok", "right unavailable"));
  EXPECT_EQ(rows[1].threads, 2);
  EXPECT_THAT(rows[1].command, HasSubstr("--threads=2"));
}

TEST_F(Driver, ColdIsSaidOnTheRow) {
  const auto rows = run({.problems = {problem()}, .backends = {"right"}, .caches = {Cache::cold}});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cache, "cold");
  // Each call has its own two looks at the clock: the eviction between them is not timed.
  EXPECT_NEAR(*rows[0].seconds, 1e-4, 1e-9);
}

// Prevents a batch that begins in caches which the loops of the roofs have just filled: a call that is
// not timed precedes each batch.
TEST_F(Driver, AnUntimedCallPrecedesEveryWarmBatch) {
  AnyLayer layer = faults;
  std::int64_t calls = 0;
  layer.backends = {planted("counting", [&](float*) { ++calls; })};
  std::vector<std::int64_t> between_looks;
  const Clock clock = [&, tick = ticking()] {
    between_looks.push_back(std::exchange(calls, 0));
    return tick();
  };
  std::vector<Record> rows;
  // How many calls a batch has, Google Benchmark decides by its own clock, too: one on a busy
  // machine, which tells nothing here.
  for (int attempt = 0; attempt < 50 && (rows.empty() || *rows[0].calls == 1); ++attempt) {
    rows.clear();
    between_looks.clear();
    run_cases(
        bench_cases({.problems = {parse_problem(layer, "2x3:3x5")}}, 1),
        BenchmarkFlags({"--benchmark_min_time=0.0001", "--benchmark_repetitions=1"}),
        [&](const Record& record) { rows.push_back(record); }, clock);
    ASSERT_EQ(rows.size(), 1U);
  }
  ASSERT_GT(*rows[0].calls, 1);
  const auto batch = std::ranges::find(between_looks, *rows[0].calls);
  ASSERT_NE(batch, between_looks.end());
  EXPECT_EQ(*(batch - 1), 1);
}

// Prevents an infinite allocation from ending the program, and with it the run.
TEST_F(Driver, WhatDoesNotFitIsUnavailable) {
  const auto rows =
      run({.problems = {problem("9000000x9000000:9000000x1"), problem()}, .backends = {"right"}});
  EXPECT_THAT(statuses(rows), ElementsAre("right unavailable", "right ok"));
  EXPECT_THAT(rows[0].reason, HasSubstr("GB of memory"));
}

TEST_F(Driver, TheRealBackendsAgree) {
  const auto cases =
      bench_cases({.problems = {parse_problem(find_layer("matmul"), "7x13:13x11")}}, 1);
  std::vector<std::string> failed;
  run_cases(cases, BenchmarkFlags({"--benchmark_min_time=0.0001", "--benchmark_repetitions=2"}),
            [&](const Record& row) {
              if (row.status == "failed") {
                failed.push_back(row.name);
              }
            });
  EXPECT_THAT(failed, ElementsAre());
}

TEST_F(Driver, TheFilterOfGoogleBenchmark) {
  const auto rows = run({.problems = {problem()}}, {"--benchmark_filter=/right/"});
  EXPECT_THAT(statuses(rows), ElementsAre("right ok"));
  EXPECT_THROW(run({.problems = {problem()}}, {"--benchmark_filter=nothing"}), BadInput);
}

// Prevents a full disk from being passed over.
TEST_F(Driver, WhatTheSinkThrowsArrives) {
  const auto cases = bench_cases({.problems = {problem()}, .backends = {"right"}}, 1);
  const BenchmarkFlags flags({"--benchmark_min_time=0.0001", "--benchmark_repetitions=2"});
  EXPECT_THROW(run_cases(cases, flags, [](const Record&) { throw std::runtime_error("full"); }),
               std::runtime_error);
  EXPECT_EQ(run({.problems = {problem()}, .backends = {"right"}}).size(), 1U);
}

}  // namespace
}  // namespace flopmeter
