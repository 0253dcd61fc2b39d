#include "kernels/network/executor.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <new>
#include <numeric>

#include "kernels/agreement.h"
#include "kernels/inputs.h"
#include "kernels/network/slot.h"

namespace {
std::atomic<std::int64_t> allocations{0};
}  // namespace

// Counts what a run allocates. Not inlined: GCC takes the pairs for mismatched.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* made = std::malloc(size == 0 ? 1 : size)) {
    return made;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* data) noexcept { std::free(data); }
[[gnu::noinline]] void operator delete(void* data, std::size_t) noexcept { std::free(data); }

namespace flopmeter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A layout that is no other's: the elements from last to first, and `room` bytes behind them.
class Backwards final : public Layout {
 public:
  Backwards(std::size_t count, std::string name, int& conversions)
      : count_(count), name_(std::move(name)), conversions_(conversions) {}

  std::string name() const override { return name_; }
  std::size_t bytes() const override { return count_ * sizeof(float) + 256; }
  bool is_plain() const override { return false; }
  bool same_as(const Layout& other) const override { return name_ == other.name(); }
  std::shared_ptr<const Layout> with_codes(const Codes&) const override { return nullptr; }
  std::shared_ptr<const Layout> as_plain() const override { return nullptr; }  // nobody asks
  std::function<void()> converter(const Layout* other, void* from, void* to, int) const override {
    return [this, straight = other != nullptr, from, to] { convert(straight, from, to); };
  }
  std::function<void()> converter_from_plain(void* from, void* to, int) const override {
    return [this, from, to] { convert(false, from, to); };
  }

 private:
  /// All that are not plain have the same order; their names tell them apart.
  void convert(bool straight, void* from, void* to) const {
    const std::span<const float> source(static_cast<const float*>(from), count_);
    if (straight) {
      std::ranges::copy(source, static_cast<float*>(to));
    } else {
      std::ranges::reverse_copy(source, static_cast<float*>(to));
    }
    ++conversions_;
  }

  std::size_t count_;
  std::string name_;
  int& conversions_;
};

/// What a probe was asked to do.
struct Log {
  int feeds = 0;
  int runs = 0;
  int conversions = 0;
};

/// y = x + w, where w is one number that is copied when fed, and x and y lie in layouts of these
/// names; "plain" takes no slots.
AnyLayer probe(Log& log, std::string reads, std::string writes) {
  AnyLayer layer;
  layer.name = "probe";
  layer.fields = {{"n", 1, 1, 1, 1, "elements"}};
  layer.passes = {Pass::forward};
  layer.print = [](const Values& v) { return fmt::format("n{}", v[0]); };
  layer.operands = [](const Values& v, Pass) -> std::vector<Operand> {
    return {{"src", {v[0]}, Role::input},
            {"weight", {1}, Role::parameter},
            {"dst", {v[0]}, Role::output}};
  };
  AnyBackend row{.name = "probe"};
  row.prepare = [&log, reads, writes](const Values& v, const Setup&,
                                      Tensors<float>& tensors) -> Preparation {
    struct State {
      float weight;
      std::span<float> x, y;
    };
    const auto count = static_cast<std::size_t>(v[0]);
    auto* src = tensors.find("src");
    auto* dst = tensors.find("dst");
    auto* weight = tensors.find("weight");
    const auto state = std::make_shared<State>(weight->data[0], src->data, dst->data);
    Prepared prepared{.run =
                          [&log, state] {
                            std::ranges::transform(state->x, state->y.begin(),
                                                   [&](float x) { return x + state->weight; });
                            ++log.runs;
                          },
                      .feed =
                          [&log, state, weight] {
                            state->weight = weight->data[0];
                            ++log.feeds;
                          },
                      .implementation = "probe " + reads + " " + writes};
    if (reads != "plain") {
      src->slot->chosen = std::make_shared<Backwards>(count, reads, log.conversions);
      dst->slot->chosen = std::make_shared<Backwards>(count, writes, log.conversions);
      prepared.place = [state, src, dst, count] {
        state->x = {reinterpret_cast<float*>(src->slot->data), count};
        state->y = {reinterpret_cast<float*>(dst->slot->data), count};
      };
    }
    return prepared;
  };
  layer.backends = {row};
  return layer;
}

/// Probes one behind the other, x to y; node i adds 10^i.
class Chain {
 public:
  void add(std::string reads, std::string writes) {
    layers_.push_back(probe(log, std::move(reads), std::move(writes)));
  }

  /// Node i reads what node `sources[i]` wrote, or the input where that is -1. The last writes y.
  Prepared& prepare(const std::vector<int>& sources) {
    const std::int64_t n = 5;
    network_.add_tensor({.name = "x", .dims = {n}, .lifetime = Lifetime::input});
    std::vector<Operand> operands{{"x", {n}, Role::input}};
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const bool last = i + 1 == sources.size();
      names_.push_back(fmt::format("w{}", i));
      const TensorId weight =
          network_.add_tensor({.name = names_.back(), .dims = {1}, .lifetime = Lifetime::constant});
      const TensorId dst =
          network_.add_tensor({.name = last ? "y" : fmt::format("t{}", i),
                               .dims = {n},
                               .lifetime = last ? Lifetime::output : Lifetime::activation});
      network_.add_node(
          {.label = fmt::format("n{}", i),
           .layer = &layers_[i],
           .shape = {n},
           .edges = {{"src", network_.at(sources[i] < 0 ? "x" : fmt::format("t{}", sources[i]))},
                     {"weight", weight},
                     {"dst", dst}}});
    }
    for (const std::string& name : names_) {
      operands.push_back({name, {1}, Role::parameter});
    }
    operands.push_back({"y", {n}, Role::output});
    tensors.emplace(operands);
    std::iota((*tensors)["x"], (*tensors)["x"] + n, 1.0F);
    float weight = 1;
    for (const std::string& name : names_) {
      (*tensors)[name][0] = weight *= 10;
    }
    preparation_ = prepare_network(network_, "probe", {}, *tensors, given);
    return std::get<Prepared>(preparation_);
  }

  std::vector<float> result() {
    std::get<Prepared>(preparation_).run();
    std::get<Prepared>(preparation_).fetch();
    return output_values(*tensors);
  }

  Log log;
  std::optional<Tensors<float>> tensors;
  std::vector<GivenLayout> given;

 private:
  std::deque<AnyLayer> layers_;
  std::deque<std::string> names_;
  Network network_;
  Preparation preparation_;
};

std::vector<std::string> labels(const Prepared& prepared) {
  std::vector<std::string> found;
  for (const RunPart& part : prepared.parts) {
    found.push_back(part.forced ? part.label + ", " + part.implementation : part.label);
  }
  return found;
}

// A layer is timed on what a network would give it, not on what it would like.
TEST(NetworkRun, BringsWhatLiesOtherwiseInEveryRun) {
  Chain chain;
  chain.add("A", "A");
  chain.given.push_back({"x", std::make_shared<Backwards>(5, "B", chain.log.conversions)});
  Prepared& prepared = chain.prepare({-1});
  EXPECT_THAT(labels(prepared), ElementsAre("reorder of x, B to A", "n0"));
  EXPECT_THAT(chain.result(), ElementsAre(11, 12, 13, 14, 15));
  chain.log.conversions = 0;
  prepared.run();
  EXPECT_EQ(chain.log.conversions, 1);
}

TEST(NetworkRun, TakesAnInputAsItIsGivenWhereItLikesThatToo) {
  Chain chain;
  chain.add("A", "A");
  chain.given.push_back({"x", std::make_shared<Backwards>(5, "A", chain.log.conversions)});
  EXPECT_THAT(labels(chain.prepare({-1})), ElementsAre("n0"));
  EXPECT_THAT(chain.result(), ElementsAre(11, 12, 13, 14, 15));
}

// Weights packed in every run made oneDNN three times slower than it is.
TEST(NetworkRun, FeedsNoConstant) {
  Chain chain;
  chain.add("A", "A");
  chain.add("A", "A");
  Prepared& prepared = chain.prepare({-1, 0});
  const int feeds = chain.log.feeds;
  const int conversions = chain.log.conversions;
  for (int i = 0; i < 3; ++i) {
    prepared.run();
  }
  EXPECT_EQ(chain.log.runs, 6);
  EXPECT_EQ(chain.log.feeds, feeds);
  EXPECT_EQ(chain.log.conversions, conversions);
  EXPECT_THAT(chain.result(), ElementsAre(111, 112, 113, 114, 115));
}

TEST(NetworkRun, TakesChangedConstantsAndInputsWhenFed) {
  Chain chain;
  chain.add("A", "A");
  Prepared& prepared = chain.prepare({-1});
  (*chain.tensors)["w0"][0] = 1000;
  (*chain.tensors)["x"][0] = 500;
  EXPECT_THAT(chain.result(), ElementsAre(11, 12, 13, 14, 15));
  prepared.feed();
  EXPECT_THAT(chain.result(), ElementsAre(1500, 1002, 1003, 1004, 1005));
}

TEST(NetworkRun, KeepsTheLayoutThatTheNextNodeTakes) {
  Chain chain;
  chain.add("A", "B");
  chain.add("B", "C");
  chain.add("C", "D");
  EXPECT_THAT(labels(chain.prepare({-1, 0, 1})), ElementsAre("n0", "n1", "n2"));
  EXPECT_THAT(chain.result(), ElementsAre(1111, 1112, 1113, 1114, 1115));
}

// Two nodes that take it in another layout share one reorder, one that takes it as it is has none.
TEST(NetworkRun, BringsTensorsIntoOtherLayoutsOnce) {
  Chain chain;
  chain.add("A", "B");
  chain.add("C", "C");
  chain.add("B", "C");
  chain.add("C", "C");
  const Prepared& prepared = chain.prepare({-1, 0, 0, 0});
  EXPECT_THAT(labels(prepared), ElementsAre("n0", "reorder of t0, B to C", "n1", "n2", "n3"));
  EXPECT_THAT(prepared.implementation, HasSubstr("reorder of t0 (B to C)"));
  EXPECT_THAT(chain.result(), ElementsAre(10011, 10012, 10013, 10014, 10015));
}

TEST(NetworkRun, BringsTensorsToKernelsThatTakePlainOnes) {
  Chain chain;
  chain.add("A", "B");
  chain.add("plain", "plain");
  chain.add("A", "B");
  EXPECT_THAT(
      labels(chain.prepare({-1, 0, 1})),
      ElementsAre("n0", "reorder of t0, B to plain", "n1", "reorder of t1, plain to A", "n2"));
  EXPECT_THAT(chain.result(), ElementsAre(1111, 1112, 1113, 1114, 1115));
}

// An input that two nodes take in two layouts is fed in the first; the other is a part of the run.
TEST(NetworkRun, InputsLieAsTheFirstReaderTakesThem) {
  Chain chain;
  chain.add("A", "A");
  chain.add("B", "B");
  EXPECT_THAT(labels(chain.prepare({-1, -1})), ElementsAre("n0", "reorder of x, A to B", "n1"));
  EXPECT_THAT(chain.result(), ElementsAre(101, 102, 103, 104, 105));
}

TEST(NetworkRun, IsItsParts) {
  Chain chain;
  chain.add("A", "B");
  chain.add("A", "B");
  const Prepared& prepared = chain.prepare({-1, 0});
  const std::vector<float> whole = chain.result();
  std::ranges::fill(chain.tensors->find("y")->data, 0.0F);
  for (const RunPart& part : prepared.parts) {
    part.run();
  }
  prepared.fetch();
  EXPECT_EQ(output_values(*chain.tensors), whole);
}

TEST(NetworkRun, RefusesWhatItCannotRun) {
  Network network;
  const TensorId x = network.add_tensor({.name = "x", .dims = {1}, .lifetime = Lifetime::input});
  const TensorId y = network.add_tensor({.name = "y", .dims = {1}, .lifetime = Lifetime::output});
  network.add_node(
      {.label = "odd", .edges = {{"in", x, false}, {"out", y, true}}, .operation = "NonZero"});
  Tensors<float> tensors{{"x", {1}, Role::input}, {"y", {1}, Role::output}};
  const Preparation none = prepare_network(network, "probe", {}, tensors);
  EXPECT_EQ(std::get<Unavailable>(none).reason, "odd (NonZero) is no layer");
  const Preparation listed =
      prepare_network(Network("list", Connections::listed), "probe", {}, tensors);
  EXPECT_THAT(std::get<Unavailable>(listed).reason, HasSubstr("is not known"));
}

/// Layers that are made of others, with a backend.
struct Composite {
  const AnyLayer* layer;
  const AnyBackend* backend;
};

void PrintTo(const Composite& c, std::ostream* out) {
  *out << c.layer->name << " by " << c.backend->name;
}

std::vector<Composite> composites() {
  std::vector<Composite> all;
  for (const AnyLayer& layer : layers()) {
    for (const AnyBackend& backend : layer.backends) {
      if (layer.network) {
        all.push_back({&layer, &backend});
      }
    }
  }
  return all;
}

class EveryComposite : public testing::TestWithParam<Composite> {
 protected:
  /// Calls check(problem, pass, tensors, prepared) for what can be done quickly.
  template <class Check>
  void for_each(const Check& check) {
    for (const Problem& problem : default_problems(*GetParam().layer)) {
      for (const Pass pass : problem.layer->passes) {
        if (problem.formula(pass).dense.macs > 2'000'000) {
          continue;
        }
        Tensors<float> tensors = make_inputs(problem, pass, Dtype::f32, 3);
        Preparation made = GetParam().backend->prepare(problem.values, {.pass = pass}, tensors);
        if (auto* prepared = std::get_if<Prepared>(&made)) {
          check(problem, pass, tensors, *prepared);
        }
      }
    }
  }
};

// Twice, because what is left in shared memory must not matter.
TEST_P(EveryComposite, AgreesWithItsDefinition) {
  for_each([](const Problem& problem, Pass pass, Tensors<float>& tensors, Prepared& prepared) {
    Tensors<double> truth(tensors);
    problem.layer->reference(problem.values, pass, truth);
    prepared.run();
    prepared.run();
    prepared.fetch();
    const Agreement agreement =
        check_agreement(output_values(tensors), output_values(truth),
                        problem.layer->tolerance(problem.values, pass, Dtype::f32));
    EXPECT_TRUE(agreement.passed) << problem.shape() << " " << to_string(pass) << ": "
                                  << agreement.reason;
  });
}

TEST_P(EveryComposite, IsTheSumOfItsParts) {
  for_each([](const Problem& problem, Pass pass, Tensors<float>& tensors, Prepared& prepared) {
    prepared.run();
    prepared.fetch();
    const std::vector<float> whole = output_values(tensors);
    for (const RunPart& part : prepared.parts) {
      part.run();
    }
    prepared.fetch();
    EXPECT_EQ(output_values(tensors), whole) << problem.shape() << " " << to_string(pass);
  });
}

// The executor adds nothing to what its kernels allocate, which is nothing for plain loops of ffn.
TEST_P(EveryComposite, AllocatesNoMoreThanItsParts) {
  for_each([](const Problem& problem, Pass pass, Tensors<float>&, Prepared& prepared) {
    prepared.run();
    const std::int64_t before = allocations;
    prepared.run();
    const std::int64_t of_run = allocations - before;
    for (const RunPart& part : prepared.parts) {
      part.run();
    }
    EXPECT_EQ(of_run, allocations - before - of_run) << problem.shape() << " " << to_string(pass);
  });
}

TEST(NetworkRun, AllocatesNothing) {
  const AnyLayer& ffn = find_layer("ffn");
  const Problem problem = parse_problem(ffn, "mb2ic3hid4");
  Tensors<float> tensors = make_inputs(problem, Pass::forward, Dtype::f32, 1);
  const Preparation made = ffn.definition().prepare(problem.values, {}, tensors);
  const std::int64_t before = allocations;
  std::get<Prepared>(made).run();
  EXPECT_EQ(allocations, before);
}

INSTANTIATE_TEST_SUITE_P(All, EveryComposite, testing::ValuesIn(composites()),
                         [](const auto& test) {
                           return fmt::format("{}_{}", test.param.layer->name,
                                              test.param.backend->name);
                         });

}  // namespace
}  // namespace flopmeter
