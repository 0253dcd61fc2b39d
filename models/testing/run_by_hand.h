// A network of a few nodes on numbers that a test gives it.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kernels/agreement.h"
#include "models/chain/chain.h"
#include "models/chain/chain_run.h"
#include "models/chain/truth.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::testing {

/// What is not a number in both is 0 in both.
inline void expect_agreement(const models::TrueResult& truth, std::vector<float> got) {
  std::vector<double> values = truth.values;
  for (std::size_t i = 0; i < got.size() && i < values.size(); ++i) {
    if (std::isnan(got[i]) && std::isnan(values[i])) {
      got[i] = 0;
      values[i] = 0;
    }
  }
  EXPECT_EQ(check_agreement(got, values, {truth.absolute, 0}).reason, "") << truth.name;
}

/// Results by name, in double; the chain's have to agree with them. A number for each element of each input.
inline std::map<std::string, std::vector<double>> run_all_by_hand(
    const GraphParts& parts, const std::map<std::string, std::vector<double>>& inputs,
    std::int64_t version = 17) {
  models::ModelOptions options;
  for (const auto& [name, numbers] : inputs) {
    options.inputs[name] = {"numbers", std::nullopt, numbers};
  }
  const TemporaryFile written(model(parts, version));
  const models::NetworkFile file = models::read_network(written.path(), options);
  const models::Chain chain = models::make_chain(file, Dtype::f32);
  models::ChainRun run(chain, Dtype::f32, 1);
  run.run();
  run.run();
  std::map<std::string, std::vector<double>> results;
  for (models::TrueResult& one : models::evaluate(file, Dtype::f32)) {
    expect_agreement(one, run.result(one.name));
    results[one.name] = std::move(one.values);
  }
  return results;
}

/// Those of `y`.
inline std::vector<double> run_by_hand(const GraphParts& parts,
                                       const std::map<std::string, std::vector<double>>& inputs,
                                       std::int64_t version = 17) {
  return run_all_by_hand(parts, inputs, version).at("y");
}

}  // namespace flopmeter::testing
