// Rows of a network that runs, by a clock that is read and not waited for.
#include "app/model_time_rows.h"

#include <gmock/gmock.h>

#include <numeric>

#include "models/chain/chain.h"

namespace flopmeter {
namespace {

/// Each reading is later than the one before by another amount, as if the parts took so long.
class CountedClock {
 public:
  explicit CountedClock(std::vector<double> steps) : steps_(std::move(steps)) {}
  double operator()() {
    now_ += steps_[readings_++ % steps_.size()];
    return now_;
  }

 private:
  std::vector<double> steps_;
  std::size_t readings_ = 0;
  double now_ = 0;
};

/// Two activations, one behind the other.
models::NetworkFile two_nodes() {
  models::NetworkFile file{Network("two"), {}};
  const AnyLayer& relu = find_layer("relu");
  const AnyLayer& tanh = find_layer("tanh");
  for (const auto& [name, lifetime] : {std::pair{"x", Lifetime::input},
                                       {"between", Lifetime::activation},
                                       {"y", Lifetime::output}}) {
    file.network.add_tensor({.name = name, .dims = {1, 64}, .lifetime = lifetime});
    file.numbers.emplace_back();
  }
  file.numbers[0] = [] { return std::vector<float>(64, 0.5F); };
  file.network.add_node({.label = "relu",
                         .layer = &relu,
                         .shape = relu.parse("mb1ic64"),
                         .edges = {{"src", 0}, {"dst", 1}}});
  file.network.add_node({.label = "tanh",
                         .layer = &tanh,
                         .shape = tanh.parse("mb1ic64"),
                         .edges = {{"src", 1}, {"dst", 2}}});
  return file;
}

double sum_of_rows(const TimedRun& run) {
  return std::accumulate(run.parts.begin(), run.parts.end(), run.clock_seconds,
                         [](double sum, const TimedPart& row) { return sum + row.seconds; });
}

// Prevents rows from being of other runs than the latency: they sum up to it, whatever the clock says.
TEST(TimedRows, SumUpToTheLatency) {
  const models::NetworkFile file = two_nodes();
  const models::Chain chain = models::make_chain(file, Dtype::f32);
  for (const std::vector<double>& steps :
       {std::vector{1e-4, 3e-4, 2e-4}, std::vector{1e-4, 9e-4, 2e-4, 5e-4, 3e-4},
        std::vector{1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 4e-3}}) {
    Equipment equipment{CountedClock(steps)};
    models::ChainRun run(chain, Dtype::f32, 1);
    const TimedRun timed = time_chain(chain, run, 1, Dtype::f32, 0.5, equipment);
    ASSERT_EQ(timed.parts.size(), run.parts().size());
    EXPECT_NEAR(sum_of_rows(timed), timed.whole_seconds, 1e-12);
    EXPECT_LE(std::abs(timed.whole_seconds / timed.latency.median - 1), models::most_from_median);
    EXPECT_GT(timed.latency.runs, 100U) << "for half a second of that clock";
    EXPECT_GE(timed.rows_of, 1U);
    for (const TimedPart& row : timed.parts) {
      EXPECT_GE(row.seconds, 0);
    }
  }
}

}  // namespace
}  // namespace flopmeter
