#include "models/onnx/whole_numbers.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/bad_input.h"
#include "models/chain/run_node.h"

namespace flopmeter::onnx {
namespace {

// 2^24 itself is what 2^24 + 1 is rounded to.
constexpr double first_inexact = 1 << 24;

using Data = std::map<TensorId, std::vector<double>>;

/// False where a result is real, or where something that it reads is made of what is.
bool is_of_integers(const models::NetworkFile& file, const Node& node, std::span<const Elem> elems,
                    const Data& data) {
  return std::ranges::all_of(node.edges, [&](const Edge& edge) {
    const bool real = is_float(elems[edge.tensor]);
    return edge.writes ? !real : data.contains(edge.tensor) || (!real && file.numbers[edge.tensor]);
  });
}

void fetch_operands(const models::NetworkFile& file, const Node& node, Data& data) {
  for (const Edge& edge : node.edges) {
    if (edge.writes) {
      data[edge.tensor].resize(
          static_cast<std::size_t>(elements(file.network.tensors()[edge.tensor])));
    } else if (!data.contains(edge.tensor)) {
      const std::vector<float> given = file.numbers[edge.tensor]();
      data[edge.tensor].assign(given.begin(), given.end());
    }
  }
}

/// Throws BadInput where a result of few bits is a number that the type does not have: there it wraps round, as a run
/// in f32 does not.
void require_in_type(const models::NetworkFile& file, const Edge& edge, Elem elem, const Node& node,
                     std::span<const double> made) {
  if (!is_integer(elem) || bits_of(elem) >= 32) {
    return;
  }
  const IntegerRange range = range_of(elem);
  const auto beyond = std::ranges::find_if(
      made, [&](double number) { return number < range.low || number > range.high; });
  if (beyond != made.end()) {
    bad_input("node '{}' ({}) cannot run: '{}' comes to {:.0f}, which is another number in {}",
              node.label, node.layer->name, file.network.tensors()[edge.tensor].name, *beyond,
              to_string(elem));
  }
}

}  // namespace

void require_exact(std::span<const float> numbers, std::string_view name) {
  for (const float number : numbers) {
    if (std::abs(static_cast<double>(number)) >= first_inexact) {
      bad_input(
          "'{}' holds {:.0f}: networks run in f32, which cannot tell integers from 2^24 on apart",
          name, number);
    }
  }
}

void check_whole_numbers(const models::NetworkFile& file, std::span<const Elem> elems) {
  Data data;
  for (const Node& node : file.network.nodes()) {
    if (!is_of_integers(file, node, elems, data)) {
      continue;
    }
    fetch_operands(file, node, data);
    models::run_in_double(
        node, [&](TensorId id) { return std::span(data.at(id)); }, 1);
    for (const Edge& edge : node.edges) {
      const std::vector<double>& made = data.at(edge.tensor);
      if (edge.writes) {
        require_in_type(file, edge, elems[edge.tensor], node, made);
      }
      const auto beyond = std::ranges::find_if(made, [](double number) {
        return std::isfinite(number) && std::abs(number) >= first_inexact;
      });
      if (beyond != made.end()) {
        bad_input(
            "node '{}' ({}) cannot run: '{}' comes to {:.0f}: networks run in f32, which cannot "
            "tell "
            "integers from 2^24 on apart",
            node.label, node.layer->name, file.network.tensors()[edge.tensor].name, *beyond);
      }
    }
  }
}

}  // namespace flopmeter::onnx
