#include "models/chain/alone.h"

#include <fmt/ranges.h>

#include <map>

namespace flopmeter::models {

Chain alone(const Chain& chain, std::size_t i) {
  Chain made{Network(chain.nodes[i].name), {}, {chain.nodes[i]}};
  std::map<TensorId, TensorId> ids;
  Node node = chain.network.nodes()[i];
  for (Edge& edge : node.edges) {
    const auto [found, is_new] = ids.try_emplace(edge.tensor, made.network.tensors().size());
    if (is_new) {
      Tensor tensor = chain.network.tensors()[edge.tensor];
      const bool constant = tensor.lifetime == Lifetime::constant;
      const auto count = static_cast<std::size_t>(elements(tensor));
      tensor.lifetime = edge.writes ? Lifetime::output
                        : constant  ? Lifetime::constant
                                    : Lifetime::input;
      made.network.add_tensor(tensor);
      made.numbers.push_back(edge.writes ? Numbers()
                             : constant  ? chain.numbers[edge.tensor]
                                         : [count] { return std::vector<float>(count, 0); });
    }
    edge.tensor = found->second;
  }
  made.network.add_node(std::move(node));
  if (!chain.eight_bits.empty()) {
    made.eight_bits = {chain.eight_bits[i]};
  }
  return made;
}

std::string alone_key(const FusedNode& node) {
  return fmt::format("{} {} {} {}", node.layer->name, node.layer->print(node.shape),
                     fmt::join(node.after, " "), node.write_bytes);  // in 8 bits it writes fewer
}

}  // namespace flopmeter::models
