#include "app/model_eight_bits.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "models/chain/eight_bit_truth.h"

namespace flopmeter {
namespace {

constexpr auto same_integers = "the same 8-bit integers in double";

bool has_steps(const models::Chain& chain) {
  return std::ranges::any_of(chain.eight_bits, [](const auto& one) { return one != nullptr; });
}

EightBitError error_of(const std::string& name, const std::vector<float>& got,
                       const std::vector<double>& real) {
  EightBitError made{.name = name};
  double errors = 0;
  double values = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(static_cast<double>(got[i]) - real[i]);
    made.largest_error = std::max(made.largest_error, error);
    made.largest = std::max(made.largest, std::abs(real[i]));
    errors += error * error;
    values += real[i] * real[i];
  }
  made.relative_rms = values > 0 ? std::sqrt(errors / values) : std::sqrt(errors);
  return made;
}

/// The worst of those that agree as one line, each of the others as its own.
std::vector<ResultAgreement> node_lines(const std::vector<models::EightBitNode>& nodes) {
  std::vector<ResultAgreement> lines;
  const models::EightBitNode* worst = nullptr;
  std::size_t agreeing = 0;
  const auto used = [](const models::EightBitNode& node) {
    return node.tolerance > 0 ? node.max_error / node.tolerance : node.max_error;
  };
  for (const models::EightBitNode& node : nodes) {
    if (!node.agrees) {
      lines.push_back({"node " + node.name, node.max_error, node.tolerance, node.largest, false,
                       node.reason, same_integers});
      continue;
    }
    ++agreeing;
    worst = worst == nullptr || used(node) > used(*worst) ? &node : worst;
  }
  if (worst != nullptr) {
    lines.push_back(
        {fmt::format("{} of {} nodes in 8 bits, least so {}", agreeing, nodes.size(), worst->name),
         worst->max_error, worst->tolerance, worst->largest, true, "", same_integers});
  }
  return lines;
}

/// What is not a number is equal to nothing, itself included.
bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(a, b, [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

ResultAgreement same_as_checked(const std::string& name, const std::vector<float>& checked,
                                const std::vector<float>& got) {
  ResultAgreement made{.name = name,
                       .agrees = same_bits(got, checked),
                       .reason = "",
                       .against = "the run whose nodes were checked, bit by bit"};
  for (std::size_t i = 0; i < got.size(); ++i) {
    made.largest = std::max(made.largest, static_cast<double>(std::abs(checked[i])));
    made.max_error = std::max(made.max_error, static_cast<double>(std::abs(got[i] - checked[i])));
  }
  made.reason = made.agrees ? "" : "another result than with all tensors kept";
  return made;
}

}  // namespace

EightBitNetwork::EightBitNetwork(models::Chain& chain, int threads) : own_steps_(has_steps(chain)) {
  const models::Calibration calibration = models::calibrate(chain, threads);
  for (TensorId id = 0; id < chain.network.tensors().size(); ++id) {
    const Tensor& tensor = chain.network.tensors()[id];
    if (tensor.lifetime == Lifetime::output) {
      real_.emplace(tensor.name, calibration.values[id]);
    }
  }
  models::quantize(chain, calibration);
  how_ = models::quantized_text(chain);
}

EightBitReport EightBitNetwork::report(const std::optional<std::vector<models::TrueResult>>& truth,
                                       const ResultOf& result) const {
  EightBitReport made{.how = how_,
                      .against = truth        ? "the file's own graph in double"
                                 : own_steps_ ? "the same nodes in f32, sources not rounded"
                                              : "the same nodes in f32"};
  if (truth) {
    for (const models::TrueResult& one : *truth) {
      made.errors.push_back(error_of(one.name, result(one.name), one.values));
    }
    return made;
  }
  for (const auto& [name, values] : real_) {
    made.errors.push_back(error_of(name, result(name), {values.begin(), values.end()}));
  }
  return made;
}

std::vector<ResultAgreement> EightBitNetwork::check(const std::vector<models::TrueResult>& truth,
                                                    const models::Chain& chain,
                                                    const ResultOf& result, int threads) const {
  const ResultOf real = [&](const std::string& name) { return real_.at(name); };
  std::vector<ResultAgreement> all = compare_results(truth, own_steps_ ? result : real);
  for (ResultAgreement& one : all) {
    one.name += own_steps_ ? "" : " in f32";
  }
  const models::EightBitRun checked = models::check_eight_bits(chain, threads);
  const std::vector<ResultAgreement> nodes = node_lines(checked.nodes);
  all.insert(all.end(), nodes.begin(), nodes.end());
  for (const auto& [name, values] : checked.results) {
    all.push_back(same_as_checked(name, values, result(name)));
  }
  return all;
}

std::string eight_bit_text(const EightBitReport& report) {
  std::string text = fmt::format("  {}\n", report.how);
  for (const EightBitError& error : report.errors) {
    text += fmt::format(
        "  {} in 8 bits: error {:.3g} at the most, largest value {:.3g}; root mean square of "
        "errors {:.2f} % of that "
        "of values, against {}\n",
        error.name, error.largest_error, error.largest, 100 * error.relative_rms, report.against);
  }
  return text;
}

nlohmann::json eight_bit_json(const EightBitReport& report) {
  nlohmann::json errors = nlohmann::json::array();
  for (const EightBitError& error : report.errors) {
    errors.push_back({{"name", error.name},
                      {"largest_error", error.largest_error},
                      {"largest", error.largest},
                      {"relative_rms", error.relative_rms}});
  }
  return {{"how", report.how}, {"against", report.against}, {"errors", errors}};
}

}  // namespace flopmeter
