#include "models/chain/eight_bit_truth.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "kernels/agreement.h"
#include "kernels/network/after_component.h"
#include "models/chain/quantize.h"
#include "models/chain/run_node.h"

namespace flopmeter::models {
namespace {

using Numbers64 = std::vector<double>;

/// What the nearest codes stand for.
Numbers64 as_codes(const Codes& codes, const std::vector<float>& values) {
  const EightBits steps{.src_step = codes.step, .src_signed = codes.is_signed};
  Numbers64 made;
  for (const float value : values) {
    made.push_back(static_cast<double>(src_code(steps, value)) * static_cast<double>(codes.step));
  }
  return made;
}

Numbers64 weights_of(const EightBits& steps, const std::vector<float>& values) {
  const std::size_t each = values.size() / steps.weight_steps.size();
  Numbers64 made;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto step = static_cast<double>(steps.weight_steps[i / each]);
    made.push_back(std::nearbyint(values[i] / step) * step);
  }
  return made;
}

/// A function of one number, by its definition.
void apply_function(std::string_view function, Numbers64& values) {
  const auto component = component_of_after(function, static_cast<std::int64_t>(values.size()));
  if (!component) {
    throw std::logic_error("no definition of what is done to a result");
  }
  Tensors<double> tensors(component->layer->operands(component->values, Pass::forward));
  std::ranges::copy(values, tensors["src"]);
  component->layer->reference(component->values, Pass::forward, tensors);
  std::copy_n(tensors["dst"], values.size(), values.begin());
}

class NodeTruth {
 public:
  NodeTruth(const Chain& chain, ChainRun& run, int threads)
      : chain_(chain), run_(run), threads_(threads) {}

  EightBitNode check(std::size_t index) {
    const Node& node = chain_.network.nodes()[index];
    const EightBits& steps = *chain_.eight_bits[index];
    Numbers64 truth = product(node, steps);
    for (const After& after : node.after) {
      apply(after, node, steps, truth);
    }
    const auto& written = steps.dst;
    if (written) {
      cut(truth, *written);
    }
    EightBitNode made{.name = node.label};
    for (const double value : truth) {
      made.largest = std::max(made.largest, std::abs(value));
    }
    made.tolerance = roundoffs(node, static_cast<double>(truth.size())) * made.largest +
                     (written ? static_cast<double>(written->step) / 2 : 0);
    const Agreement agreement =
        check_agreement(values_of(result_of(node)), truth, {made.tolerance, 0});
    made.max_error = agreement.max_error;
    made.agrees = agreement.passed;
    made.reason = agreement.reason;
    return made;
  }

 private:
  /// To what codes can stand for; rounding to one of them is half a step at the most.
  static void cut(Numbers64& values, const Codes& codes) {
    const auto step = static_cast<double>(codes.step);
    for (double& value : values) {
      value = std::clamp(value, codes.is_signed ? -128 * step : 0,
                         codes.is_signed ? 127 * step : 255 * step);
    }
  }

  static TensorId result_of(const Node& node) {
    return std::ranges::find(node.edges, true, &Edge::writes)->tensor;
  }

  /// As models::evaluate allows in f32.
  static double roundoffs(const Node& node, double results) {
    constexpr double safety = 16;
    const auto macs = static_cast<double>(node.layer->formula(node.shape, node.pass).dense.macs);
    return safety * unit_roundoff(Dtype::f32) * std::sqrt(std::max(1.0, macs / results));
  }

  std::vector<float> values_of(TensorId id) {
    return chain_.numbers[id] && chain_.network.tensors()[id].lifetime == Lifetime::constant
               ? chain_.numbers[id]()
               : run_.fetched(chain_.network.tensors()[id].name);
  }

  Numbers64 product(Node node, const EightBits& steps) {
    std::map<TensorId, Numbers64> data;
    node.after.clear();
    for (const Edge& edge : node.edges) {
      if (edge.writes) {
        data[edge.tensor].resize(
            static_cast<std::size_t>(elements(chain_.network.tensors()[edge.tensor])));
      } else if (edge.operand == "src") {
        data[edge.tensor] = as_codes({steps.src_step, steps.src_signed}, values_of(edge.tensor));
      } else if (edge.operand == "weights") {
        data[edge.tensor] = weights_of(steps, values_of(edge.tensor));
      } else if (edge.operand == "bias") {
        const std::vector<float> bias = values_of(edge.tensor);
        data[edge.tensor].assign(bias.begin(), bias.end());
      }
    }
    run_in_double(
        node, [&](TensorId id) { return std::span(data.at(id)); }, threads_);
    return std::move(data.at(result_of(node)));
  }

  /// Beside a result that is written as codes, what is added lies as codes too, even where its own node wrote it in
  /// f32 because oneDNN has no kernel in 8 bits for that one.
  static Numbers64 summand_of(const std::vector<float>& values, const EightBits& steps) {
    return steps.summand ? as_codes(*steps.summand, values)
                         : Numbers64(values.begin(), values.end());
  }

  void apply(const After& after, const Node& node, const EightBits& steps, Numbers64& values) {
    if (after.layer == "add") {
      const auto edge = std::ranges::find(node.edges, after.operand, &Edge::operand);
      std::ranges::transform(values, summand_of(values_of(edge->tensor), steps), values.begin(),
                             std::plus<double>());
    } else if (after.layer == "scale") {
      std::ranges::for_each(values, [&](double& value) { value *= after.alpha; });
    } else if (after.layer == "clip") {
      std::ranges::for_each(values, [&](double& value) {
        value = std::clamp<double>(value, after.alpha, after.beta);
      });
    } else {
      apply_function(after.layer, values);
    }
  }

  const Chain& chain_;
  ChainRun& run_;
  int threads_;
};

}  // namespace

EightBitRun check_eight_bits(const Chain& chain, int threads) {
  const Chain kept = with_all_results(chain);
  ChainRun run(kept, Dtype::s8, threads);
  run.run();
  run.fetch();
  EightBitRun made;
  NodeTruth truth(kept, run, threads);
  for (const ChainPart& part : run.parts()) {
    if (!part.reorder && part.dtype == Dtype::s8) {
      made.nodes.push_back(truth.check(part.node));
    }
  }
  for (const Tensor& tensor : chain.network.tensors()) {
    if (tensor.lifetime == Lifetime::output) {
      made.results.emplace_back(tensor.name, run.fetched(tensor.name));
    }
  }
  return made;
}

}  // namespace flopmeter::models
