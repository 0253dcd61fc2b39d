#include "models/onnx/order.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>

#include "kernels/bad_input.h"
#include "models/onnx/node.h"

namespace flopmeter::onnx {
namespace {

/// Calls `take` with the names that a node needs from around it: its inputs, and what graphs in it take
/// from outside.
template <class Take>
void each_need(const NodeProto& node, const Take& take) {
  for (const std::string_view input : node.inputs) {
    if (!input.empty()) {
      take(input);
    }
  }
  for (const AttributeProto& attribute : node.attributes) {
    if (attribute.graph) {
      for (const NodeProto& inner : attribute.graph->nodes) {
        each_need(inner, take);
      }
    }
  }
}

using Writers = std::unordered_map<std::string_view, std::size_t>;

Writers writers_of(const std::vector<NodeProto>& nodes) {
  Writers writers;
  writers.reserve(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::string_view output : nodes[i].outputs) {
      if (!output.empty()) {
        writers.emplace(output, i);
      }
    }
  }
  return writers;
}

/// As nearly all files are: nothing is read before it is written.
bool is_sorted(const std::vector<NodeProto>& nodes, const Writers& writers) {
  bool sorted = true;
  for (std::size_t i = 0; sorted && i < nodes.size(); ++i) {
    each_need(nodes[i], [&](std::string_view name) {
      const auto writer = writers.find(name);
      sorted = sorted && (writer == writers.end() || writer->second < i);
    });
  }
  return sorted;
}

}  // namespace

std::vector<std::size_t> order_of(const std::vector<NodeProto>& nodes) {
  const Writers writers = writers_of(nodes);
  std::vector<std::size_t> order;
  order.reserve(nodes.size());
  if (is_sorted(nodes, writers)) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      order.push_back(i);
    }
    return order;
  }
  std::vector<std::size_t> waits(nodes.size(), 0);
  std::vector<std::vector<std::size_t>> readers(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    each_need(nodes[i], [&](std::string_view name) {
      if (const auto writer = writers.find(name); writer != writers.end()) {
        readers[writer->second].push_back(i);
        ++waits[i];
      }
    });
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (waits[i] == 0) {
      ready.push(i);
    }
  }
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const std::size_t reader : readers[order.back()]) {
      if (--waits[reader] == 0) {
        ready.push(reader);
      }
    }
  }
  if (order.size() < nodes.size()) {
    const auto stuck = std::ranges::find_if(waits, [](std::size_t w) { return w != 0; });
    bad_input("{} is part of a cycle: it needs its own result",
              described(nodes[static_cast<std::size_t>(stuck - waits.begin())]));
  }
  return order;
}

}  // namespace flopmeter::onnx
