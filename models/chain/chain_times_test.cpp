// Rows of a network that runs, by a clock that is read and not waited for.
#include <gmock/gmock.h>

#include <cmath>
#include <memory>
#include <numeric>

#include "models/chain/chain_run.h"
#include "models/chain/run_times.h"

namespace flopmeter::models {
namespace {

/// Each reading is later than the one before by another amount, as if the parts took so long.
class CountedClock {
 public:
  explicit CountedClock(std::vector<double> steps)
      : state_(std::make_shared<State>(State{std::move(steps)})) {}
  double operator()() const {
    state_->now += state_->steps[state_->readings++ % state_->steps.size()];
    return state_->now;
  }

 private:
  struct State {
    std::vector<double> steps;
    std::size_t readings = 0;
    double now = 0;
  };
  std::shared_ptr<State> state_;  // a copy goes on
};

/// Two activations, one behind the other.
NetworkFile two_nodes() {
  NetworkFile file{Network("two"), {}};
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

// Prevents rows from being of other runs than the latency: with the clock's own row they sum up to it, whatever the
// clock says.
TEST(ChainTimes, RowsSumUpToTheLatency) {
  const NetworkFile file = two_nodes();
  const Chain chain = make_chain(file, Dtype::f32);
  const ChainRun run(chain, Dtype::f32, 1);
  for (const std::vector<double>& steps :
       {std::vector{1e-4, 3e-4, 2e-4}, std::vector{1e-4, 9e-4, 2e-4, 5e-4, 3e-4},
        std::vector{1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 4e-3}}) {
    const CountedClock clock(steps);
    std::vector<std::vector<double>> samples;
    for (int i = 0; i < 101; ++i) {
      run.run(clock, samples);
    }
    ASSERT_EQ(samples.size(), run.parts().size());
    constexpr double reading = 5e-5;
    const RunTimes times = run_times(samples, reading);
    const double rows =
        std::accumulate(times.parts.begin(), times.parts.end(), times.clock_seconds);
    EXPECT_NEAR(rows, times.whole_seconds, 1e-12);
    EXPECT_LE(std::abs(times.whole_seconds / times.latency.median - 1), most_from_median);
    EXPECT_NEAR(times.clock_seconds, reading * static_cast<double>(samples.size()), 1e-12);
    EXPECT_EQ(times.latency.runs, 101U);
  }
}

}  // namespace
}  // namespace flopmeter::models
