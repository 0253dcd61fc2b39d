// The rules of published counters against what the counters printed when they were run.
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "kernels/network/listing.h"
#include "validate/claims/shape_template.h"
#include "validate/published/print.h"

namespace flopmeter::published {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

bool exists(std::string_view layer) {
  return std::ranges::find(layers(), layer, &AnyLayer::name) != layers().end();
}

/// The first layer that the build lacks, also among the parts of composites; empty: none.
std::string missing(const std::string& layer) {
  if (!exists(layer)) {
    return layer;
  }
  for (const Part& part : table().reading(layer).parts) {
    if (std::string lacking = missing(part.layer); !lacking.empty()) {
      return lacking;
    }
  }
  return "";
}

Scope numbers(const Json& object) {
  Scope scope;
  for (const auto& [name, value] : object.items()) {
    scope.emplace(name, value.get<double>());
  }
  return scope;
}

/// A network that was given to the counters, and what they printed.
struct Given {
  std::string name;
  Json json;
  std::string missing;  // a layer that this build lacks

  Network network() const {
    std::vector<Listed> all;
    for (const Json& layer : json["layers"]) {
      all.push_back({parse_problem(find_layer(layer["layer"].get<std::string>()),
                                   layer["shape"].get<std::string>()),
                     times(layer)});
    }
    return listed_network(name, all);
  }

  /// How each node is written.
  std::vector<Scope> written() const {
    std::vector<Scope> all;
    for (const Json& layer : json["layers"]) {
      const Scope one = layer.contains("set") ? numbers(layer["set"]) : Scope{};
      all.insert(all.end(), static_cast<std::size_t>(times(layer)), one);
    }
    return all;
  }

  static std::int64_t times(const Json& layer) { return layer.value("times", std::int64_t{1}); }
};

/// The tests' names hold it.
void PrintTo(const Given& network, std::ostream* out) { *out << network.name; }

std::vector<Given> networks() {
  std::ifstream file("validate/published/counts.json");
  const Json counts = Json::parse(file);
  std::vector<Given> all;
  for (const Json& json : counts.at("networks")) {
    Given network{json.at("case").get<std::string>(), json, ""};
    for (const Json& layer : json.at("layers")) {
      if (network.missing.empty()) {
        network.missing = missing(layer.at("layer").get<std::string>());
      }
    }
    all.push_back(std::move(network));
  }
  return all;
}

class PublishedCounts : public testing::TestWithParam<Given> {};

/// One line of `printed`: every quantity that it has.
void expect_printed(const Json& line, const Given& given, double torch) {
  const Counter& counter = table().counter(line["counter"].get<std::string>());
  for (const Quantity& quantity : counter.prints) {
    const Printed printed = print(table(), counter, quantity, given.network(), Pass::forward,
                                  {{"torch", torch}}, given.written());
    const std::string what = fmt::format("{} {} torch {}", counter.name, quantity.name, torch);
    if (line.contains("fails")) {
      EXPECT_THAT(printed.failure, HasSubstr(line["fails"].get<std::string>())) << what;
    } else if (line.contains(quantity.name)) {
      EXPECT_EQ(printed.failure, "") << what;
      EXPECT_EQ(printed.value, line[quantity.name].get<std::int64_t>()) << what;
    }
  }
}

TEST_P(PublishedCounts, AreReproduced) {
  const Given& network = GetParam();
  if (!network.missing.empty()) {
    GTEST_SKIP() << "this build has no layer " << network.missing;
  }
  for (const Json& line : network.json["printed"]) {
    for (const Json& torch : line["torch"]) {
      expect_printed(line, network, torch.get<double>());
    }
  }
}

/// MACs of weights and of attention, as they were worked out by hand: without those of statistics.
Formula products(const Problem& problem) {
  const ModuleReading& reading = table().reading(problem.layer->name);
  Formula sum;
  for (const Part& part : reading.parts) {
    const Scope scope = layer_scope(table(), problem);
    if (part.when.empty() || Expression(part.when).evaluate(scope) != 0) {
      const std::string shape = claims::ShapeTemplate(part.shape).fill(scope);
      const Formula one = products(parse_problem(find_layer(part.layer), shape));
      sum.dense = sum.dense + part.times * one.dense;
      sum.in_bounds = sum.in_bounds + part.times * one.in_bounds;
    }
  }
  return !reading.parts.empty() || problem.layer->name.ends_with("norm")
             ? sum
             : problem.formula(Pass::forward);
}

// The closed forms, which the ledger proves: the networks themselves are what was meant.
TEST_P(PublishedCounts, ExactOnesAreOurs) {
  const Given& network = GetParam();
  if (!network.missing.empty()) {
    GTEST_SKIP() << "this build has no layer " << network.missing;
  }
  std::int64_t dense = 0, in_bounds = 0, parameters = 0;
  const Network whole = network.network();
  for (const Node& node : whole.nodes()) {
    const Problem problem = problem_of(node);
    const Formula formula = products(problem);
    dense += formula.dense.macs;
    in_bounds += formula.in_bounds.macs;
    parameters += problem.formula(Pass::forward).parameters;
  }
  const Json& exact = network.json["exact"];
  EXPECT_EQ(dense, exact.value("macs", dense));
  EXPECT_EQ(in_bounds, exact.value("in_bounds_macs", in_bounds));
  EXPECT_EQ(parameters, exact.value("params", parameters));
}

std::string test_name(const testing::TestParamInfo<Given>& network) {
  std::string name = network.param.name;
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, PublishedCounts, testing::ValuesIn(networks()), test_name);

}  // namespace
}  // namespace flopmeter::published
