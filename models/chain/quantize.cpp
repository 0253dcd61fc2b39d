#include "models/chain/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/named_value.h"
#include "models/chain/chain_run.h"

namespace flopmeter::models {
namespace {

constexpr int largest_code = 127;

std::int64_t field_of(const Node& node, std::string_view key) {
  return named_value(*node.layer, node.shape, key, 1);
}

const Edge* edge_of(const Node& node, std::string_view operand) {
  const auto found = std::ranges::find(node.edges, operand, &Edge::operand);
  return found == node.edges.end() ? nullptr : &*found;
}

float largest_of(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) {
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

/// Numbers times these are whole, as far as f32 holds them.
bool are_multiples(std::span<const float> values, float step) {
  constexpr float slack = 1e-3F;
  return std::ranges::all_of(values, [&](float value) {
    const float code = value / step;
    return std::abs(code - std::nearbyint(code)) < slack;
  });
}

/// A step for each channel, so that its largest weight has the largest code. Channels of zeros have any.
std::vector<float> steps_of(std::span<const float> weights, std::int64_t channels,
                            const WeightCodes& codes) {
  const std::size_t each = weights.size() / static_cast<std::size_t>(channels);
  std::vector<float> steps;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const float largest = largest_of(weights.subspan(c * each, each));
    steps.push_back(largest == 0 ? 1 : largest / static_cast<float>(codes.most));
  }
  return steps;
}

/// Each weight as the nearest multiple that has a code.
std::vector<float> rounded(std::vector<float> weights, const std::vector<float>& steps,
                           const WeightCodes& codes) {
  const std::size_t each = weights.size() / steps.size();
  const auto multiple = static_cast<float>(codes.multiple);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float step = steps[i / each] * multiple;
    weights[i] = std::nearbyint(weights[i] / step) * step;
  }
  return weights;
}

Codes codes_of(std::span<const float> values) {
  const bool is_signed = std::ranges::any_of(values, [](float value) { return value < 0; });
  const float largest = largest_of(values);
  return {largest == 0 ? 1 : largest / (is_signed ? largest_code : 255), is_signed};
}

EightBits eight_bits_of(const Node& node, std::span<const float> source,
                        std::span<const float> weights) {
  const auto [step, is_signed] = codes_of(source);
  return {.src_step = step,
          .src_signed = is_signed,
          .weight_steps =
              steps_of(weights, field_of(node, "oc"), codes_for(node.layer->name, is_signed)),
          .grouped = is_grouped(node)};
}

/// What is added to the node's result; none where nothing is.
std::optional<TensorId> summand_of(const Node& node) {
  const auto add = std::ranges::find(node.after, "add", &After::layer);
  return add == node.after.end() ? std::nullopt
                                 : std::optional(edge_of(node, add->operand)->tensor);
}

TensorId result_of(const Node& node) {
  return std::ranges::find(node.edges, true, &Edge::writes)->tensor;
}

/// The network again with other edges, and new constants; what nobody reads any more is left out.
class Rebuilt {
 public:
  explicit Rebuilt(const Chain& chain)
      : chain_(chain), made_{Network(chain.network.name()), {}, chain.nodes, chain.eight_bits} {
    for (TensorId id = 0; id < chain.network.tensors().size(); ++id) {
      const Lifetime lifetime = chain.network.tensors()[id].lifetime;
      if (lifetime == Lifetime::input || lifetime == Lifetime::output) {
        take(id);
      }
    }
  }

  TensorId take(TensorId old) {
    const auto [found, is_new] = ids_.try_emplace(old, made_.network.tensors().size());
    if (is_new) {
      Tensor tensor = chain_.network.tensors()[old];
      tensor.lifetime =
          keep_all && tensor.lifetime == Lifetime::activation ? Lifetime::output : tensor.lifetime;
      made_.network.add_tensor(std::move(tensor));
      made_.numbers.push_back(chain_.numbers[old]);
    }
    return found->second;
  }

  TensorId add_constant(std::string name, std::vector<std::int64_t> dims, Numbers numbers) {
    made_.numbers.push_back(std::move(numbers));
    return made_.network.add_tensor(
        {.name = std::move(name), .dims = std::move(dims), .lifetime = Lifetime::constant});
  }

  void add_node(Node node, const Edge* replaced = nullptr, TensorId by = 0) {
    const std::string operand = replaced == nullptr ? "" : replaced->operand;
    for (Edge& edge : node.edges) {
      edge.tensor = edge.operand == operand ? by : take(edge.tensor);
    }
    made_.network.add_node(std::move(node));
  }

  Chain finished() && { return std::move(made_); }
  Chain& chain() { return made_; }
  bool keep_all = false;

 private:
  const Chain& chain_;
  Chain made_;
  std::map<TensorId, TensorId> ids_;
};

}  // namespace

bool can_be_quantized(const Network& network, const Node& node) {
  const Edge* weights = edge_of(node, "weights");
  const Edge* src = edge_of(node, "src");
  const auto constant = [&](const Edge* edge) {
    return network.tensors()[edge->tensor].lifetime == Lifetime::constant;
  };
  return node.layer != nullptr && is_eight_bit_layer(node.layer->name) && weights != nullptr &&
         src != nullptr && constant(weights) && !constant(src);
}

CodedResults::CodedResults(const Network& network)
    : network_(network), coded_(network.tensors().size(), false) {
  for (const Node& node : network.nodes()) {
    if (can_be_quantized(network, node) && is_result(edge_of(node, "src")->tensor)) {
      coded_[edge_of(node, "src")->tensor] = true;
    }
  }
  while (spread()) {
  }
}

/// Codes are a factor of the result: another one before it would be a second of a kind (function_of).
bool CodedResults::is_result(TensorId id) const {
  const auto writer = network_.writer(id);
  if (network_.tensors()[id].lifetime != Lifetime::activation || !writer) {
    return false;
  }
  const Node& node = network_.nodes()[*writer];
  return can_be_quantized(network_, node) &&
         std::ranges::find(node.after, "scale", &After::layer) == node.after.end();
}

bool CodedResults::spread() {
  bool changed = false;
  for (const Node& node : network_.nodes()) {
    const auto summand = summand_of(node);
    if (!summand || !can_be_quantized(network_, node) || !coded_[result_of(node)] ||
        coded_[*summand]) {
      continue;
    }
    const bool possible = adds_codes() && is_result(*summand) && !banned(*summand);
    coded_[possible ? *summand : result_of(node)] = possible;
    if (!possible) {
      banned_.push_back(result_of(node));
    }
    changed = true;
  }
  return changed;
}
bool CodedResults::banned(TensorId id) const {
  return std::ranges::find(banned_, id) != banned_.end();
}

WeightCodes codes_for(std::string_view layer, bool src_signed) {
  const WeightCodes codes = weight_codes(src_signed);
  return codes.multiple == 2 && layer == "linear" ? WeightCodes{62, 2} : codes;
}

bool is_grouped(const Node& node) { return field_of(node, "g") != 1; }

std::vector<float> exact_steps(std::span<const float> weights, std::int64_t channels) {
  const std::size_t each = weights.size() / static_cast<std::size_t>(channels);
  std::vector<float> steps;
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    const auto of_channel = weights.subspan(c * each, each);
    const float largest = largest_of(of_channel);
    int code = 1;
    while (code <= largest_code && !are_multiples(of_channel, largest / static_cast<float>(code))) {
      ++code;
    }
    if (code > largest_code && largest != 0) {
      return {};
    }
    steps.push_back(largest == 0 ? 1 : largest / static_cast<float>(code));
  }
  return steps;
}

Chain with_all_results(const Chain& chain) {
  Rebuilt rebuilt(chain);
  rebuilt.keep_all = true;
  for (const Node& node : chain.network.nodes()) {
    rebuilt.add_node(node);
  }
  return std::move(rebuilt).finished();
}

Calibration calibrate(const Chain& chain, int threads) {
  const Chain kept = with_all_results(chain);
  ChainRun run(kept, Dtype::f32, threads);
  run.run();
  run.fetch();
  Calibration made;
  for (const Tensor& tensor : chain.network.tensors()) {
    made.values.push_back(tensor.lifetime == Lifetime::constant ? std::vector<float>()
                                                                : run.fetched(tensor.name));
  }
  return made;
}

void quantize(Chain& chain, const Calibration& calibration) {
  if (std::ranges::any_of(chain.eight_bits, [](const auto& one) { return one != nullptr; })) {
    return;
  }
  Rebuilt rebuilt(chain);
  rebuilt.chain().eight_bits.assign(chain.nodes.size(), nullptr);
  const CodedResults coded(chain.network);
  for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
    const Node& node = chain.network.nodes()[i];
    if (!can_be_quantized(chain.network, node)) {
      rebuilt.add_node(node);
      continue;
    }
    const Edge& weights = *edge_of(node, "weights");
    const Numbers numbers = chain.numbers[weights.tensor];
    const auto steps = std::make_shared<EightBits>(
        eight_bits_of(node, calibration.values[edge_of(node, "src")->tensor], numbers()));
    FusedNode& fused = rebuilt.chain().nodes[i];
    fused.dtype = Dtype::s8;
    if (coded[result_of(node)]) {
      steps->dst = codes_of(calibration.values[result_of(node)]);
      fused.write_bytes -= 3 * elements(chain.network.tensors()[result_of(node)]);
    }
    if (const auto summand = summand_of(node); summand && steps->dst) {
      steps->summand = codes_of(calibration.values[*summand]);
      fused.read_bytes -= *summand == edge_of(node, "src")->tensor
                              ? 0
                              : 3 * elements(chain.network.tensors()[*summand]);
    }
    const TensorId codes = rebuilt.add_constant(
        node.label + ":8-bit weights", chain.network.tensors()[weights.tensor].dims,
        [numbers, steps, codes = codes_for(node.layer->name, steps->src_signed)] {
          return rounded(numbers(), steps->weight_steps, codes);
        });
    rebuilt.add_node(node, &weights, codes);
    rebuilt.chain().eight_bits[i] = steps;
    const std::int64_t source = elements(chain.network.tensors()[edge_of(node, "src")->tensor]);
    const std::int64_t count = elements(chain.network.tensors()[weights.tensor]);
    fused.weight_bytes -= 3 * count;  // one byte each, not four
    fused.read_bytes -= 3 * source;
  }
  chain = std::move(rebuilt).finished();
}

std::string quantized_text(const Chain& chain) {
  const auto number =
      std::ranges::count_if(chain.eight_bits, [](const auto& one) { return one != nullptr; });
  const auto own = std::ranges::count_if(chain.nodes, [](const FusedNode& node) {
    return std::ranges::find(node.rules, "8-bit steps") != node.rules.end();
  });
  const auto written = std::ranges::count_if(
      chain.eight_bits, [](const auto& one) { return one != nullptr && one->dst; });
  const WeightCodes codes = weight_codes(false);
  return fmt::format(
      "{} of {} nodes have 8-bit steps: {}; {} results are written in 8 bits, all others, and all "
      "other nodes, are f32{}",
      number, chain.nodes.size(),
      own > 0 ? "those of the file"
              : "weights symmetric, a step an output channel, of the largest; sources one step, of "
                "the largest value "
                "in one run with these inputs",
      written,
      codes.most == largest_code ? ""
                                 : "; weights have 7 bits, of linear layers beside a signed source "
                                   "6, as pairs of products saturate on "
                                   "this CPU (no VNNI)");
}

}  // namespace flopmeter::models
