#include "models/chain/reorders.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "kernels/network/executor.h"
#include "models/chain/quantize.h"

namespace flopmeter::models {
namespace {

/// Layers that oneDNN has nothing for: they run in f32, whatever is asked for.
constexpr std::array<std::string_view, 25> in_f32{
    "gather", "scatter", "scatter_add", "embedding",     "embedding_bag", "topk",
    "nms",    "nonzero", "argmax",      "argmin",        "cumsum",        "where",
    "flip",   "pad",     "slice",       "tile",          "erf",           "sin",
    "cos",    "floor",   "ceil",        "pixel_shuffle", "not_equal",     "depth_to_space",
    "pow"};

/// Bytes of an element as a node reads its operand, or as it writes its result.
class Types {
 public:
  Types(const Chain& chain, Dtype dtype)
      : network_(chain.network), dtype_(dtype), coded_(chain.network) {}

  std::int64_t bytes(const Node& node, const Edge& edge) const {
    if (dtype_ == Dtype::s8) {
      return bytes_in_s8(node, edge);
    }
    const bool real =
        of_integers(network_, node) || std::ranges::find(in_f32, node.layer->name) != in_f32.end();
    return static_cast<std::int64_t>(size_of(real ? Dtype::f32 : dtype_));
  }

 private:
  std::int64_t bytes_in_s8(const Node& node, const Edge& edge) const {
    constexpr std::int64_t real = 4;
    if (!can_be_quantized(network_, node)) {
      return real;
    }
    const TensorId result = std::ranges::find(node.edges, true, &Edge::writes)->tensor;
    return edge.operand == "src" || coded_[edge.writes ? edge.tensor : result] ? 1 : real;
  }

  const Network& network_;
  Dtype dtype_;
  CodedResults coded_;
};

}  // namespace

std::vector<TypeChange> type_changes(const Chain& chain, Dtype dtype) {
  const Network& network = chain.network;
  std::vector<TypeChange> changes;
  if (dtype == Dtype::f32) {
    return changes;
  }
  const Types types(chain, dtype);
  std::set<std::pair<TensorId, std::int64_t>> there;
  for (const Node& node : network.nodes()) {
    for (const Edge& edge : node.edges) {
      const Tensor& tensor = network.tensors()[edge.tensor];
      if (tensor.lifetime == Lifetime::constant) {
        continue;
      }
      const std::int64_t bytes = types.bytes(node, edge);
      if (edge.writes) {
        there.emplace(edge.tensor, bytes);
        continue;
      }
      // Inputs lie as their first reader takes them, but for 8 bits.
      const auto writer = network.writer(edge.tensor);
      const bool given =
          !writer && there.lower_bound({edge.tensor, 0}) == there.lower_bound({edge.tensor + 1, 0});
      if (given) {
        there.emplace(edge.tensor, bytes == 1 ? 4 : bytes);
      }
      const std::int64_t from = there.lower_bound({edge.tensor, 0})->second;
      if (there.emplace(edge.tensor, bytes).second) {
        changes.push_back({tensor.name, elements(tensor), from == bytes ? 4 : from, bytes});
      }
    }
  }
  return changes;
}

}  // namespace flopmeter::models
