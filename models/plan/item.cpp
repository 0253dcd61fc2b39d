#include "models/plan/item.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "models/chain/reorders.h"

namespace flopmeter::planner {
namespace {

constexpr std::array<std::string_view, 8> hosts{"conv1d",           "conv2d",           "conv3d",
                                                "conv_transpose1d", "conv_transpose2d", "linear",
                                                "matmul",           "conv_transpose3d"};
constexpr std::array<std::string_view, 12> guests{"batchnorm", "relu", "leaky_relu", "gelu_erf",
                                                  "gelu_tanh", "silu", "sigmoid",    "hardswish",
                                                  "hardtanh",  "clip", "tanh",       "elu"};

bool is_one_of(std::span<const std::string_view> names, const AnyLayer* layer) {
  return layer != nullptr && std::ranges::find(names, layer->name) != names.end();
}

bool costs_nothing(const models::ModelNode& node) {
  return node.layer == nullptr && node.understood() &&
         (node.moves == "view" || node.moves == "constant");
}

/// "1x64x56" is 200704; 0 where a dimension is not known.
std::int64_t elements_of(std::string_view dims) {
  std::int64_t all = 1;
  for (std::size_t at = 0; at <= dims.size();) {
    const std::size_t end = std::min(dims.find('x', at), dims.size());
    std::int64_t value = 0;
    if (std::from_chars(dims.data() + at, dims.data() + end, value).ec != std::errc()) {
      return 0;
    }
    all = checked_multiply(all, value);
    at = end + 1;
  }
  return all;
}

void add_sizes(Item& item) {
  for (const Operand& operand : item.layer->operands(item.shape, Pass::forward)) {
    const bool parameter = operand.role == Role::parameter;
    const std::int64_t count =
        operand.touched == all_elements ? elements(operand) : operand.touched;
    if (parameter || operand.role == Role::input || operand.role == Role::output) {
      std::int64_t& sum = parameter ? item.weights : item.activations;
      sum = checked_add(sum, count);
    }
  }
}

Item item_of(const models::ModelNode& node) {
  Item item{.name = node.name, .layer = node.layer, .shape = node.values, .uses = node.uses};
  item.reason = node.reason;
  if (item.layer != nullptr) {
    add_sizes(item);
  } else {
    item.moved = elements_of(node.output);
    if (item.reason.empty() && item.moved == 0) {
      item.reason = "the size of its result is not known";
    }
  }
  return item;
}

/// Of tables only some rows are read.
std::int64_t untouched(const AnyLayer& layer, const Values& shape) {
  std::int64_t sum = 0;
  for (const Operand& operand : layer.operands(shape, Pass::forward)) {
    if (operand.role == Role::parameter && operand.touched != all_elements) {
      sum += elements(operand) - operand.touched;
    }
  }
  return sum;
}

}  // namespace

std::vector<Item> items_of(const models::Chain& chain, Dtype dtype) {
  std::vector<Item> items;
  for (const models::FusedNode& node : chain.nodes) {
    const auto size = static_cast<std::int64_t>(size_of(node.dtype));
    items.push_back({.name = node.name,
                     .layer = node.layer,
                     .shape = node.shape,
                     .fused = {node.fused.begin() + 1, node.fused.end()},
                     .after = node.after,
                     .weights = std::max<std::int64_t>(
                         node.weight_bytes / size - untouched(*node.layer, node.shape), 0),
                     .activations = (node.read_bytes + node.write_bytes) / size});
  }
  for (const models::TypeChange& change : models::type_changes(chain, dtype)) {
    // Of a copy, as many elements are read as written, of the dtype's size.
    const auto size = static_cast<std::int64_t>(size_of(dtype));
    items.push_back(
        {.name = "reorder of " + change.tensor,
         .moved =
             checked_multiply(change.elements, change.from_bytes + change.to_bytes) / (2 * size)});
  }
  return items;
}

std::vector<Item> items_of(const models::Model& model) {
  std::vector<Item> items;
  bool takes_guests = false;  // the last item
  for (const models::ModelNode& node : model.nodes) {
    if (costs_nothing(node)) {
      continue;
    }
    if (takes_guests && is_one_of(guests, node.layer) && node.understood() &&
        node.uses == items.back().uses) {
      items.back().fused.push_back(node.name);
      items.back().after.emplace_back(node.layer->name);
      continue;
    }
    items.push_back(item_of(node));
    takes_guests = is_one_of(hosts, node.layer);
  }
  return items;
}

}  // namespace flopmeter::planner
