// A network: nodes, each a use of one layer, and the tensors between them. Composed layers are small
// ones, files make large ones. It holds no data, whatever the size of its tensors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/layer.h"
#include "kernels/network/after.h"

namespace flopmeter {

/// How long a tensor lives.
///   input       given by the caller, before a run
///   constant    the same in every run: weights, tables, masks
///   activation  written by a node, read by later ones, gone after the last of them
///   saved       written by a node and kept for another pass
///   output      written by a node and kept for the caller
enum class Lifetime { input, constant, activation, saved, output };

std::string_view to_string(Lifetime);

/// Whether nodes write it: inputs and constants are there before the first node.
constexpr bool written(Lifetime lifetime) {
  return lifetime != Lifetime::input && lifetime != Lifetime::constant;
}

/// Row-major. `domain` as of operands: the values that make sense.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> dims;
  Dtype dtype = Dtype::f32;
  Lifetime lifetime = Lifetime::activation;
  Domain domain = {};
};

/// Throws CountOverflow.
std::int64_t elements(const Tensor& tensor);

/// A tensor's place in Network::tensors().
using TensorId = std::size_t;

/// An operand of a node's layer, and the tensor that it is.
struct Edge {
  std::string operand;
  TensorId tensor;
  bool writes = false;  // of layers, the network knows
};

/// One use of a layer. `path` is where it stands in what was read ("/encoder/layer.0/ffn"). Without
/// a layer it is something that is not understood, or that no layer is: then `operation` says what
/// the file calls it, and what follows of its cost is not known.
struct Node {
  std::string label;
  std::string path = {};
  const AnyLayer* layer = nullptr;
  Values shape = {};
  Pass pass = Pass::forward;
  std::vector<Edge> edges = {};
  std::string operation = {};
  /// In that order, done to the first result. What follows of a layer alone (its formula, its
  /// counts) is without them.
  std::vector<After> after = {};
};

/// Whether it is known what each node reads. Of a listed network only the nodes are: activations
/// have no writer, and it cannot run.
enum class Connections { known, listed };

/// Checked as it is built: every tensor is written once, before it is read; every operand of a layer
/// is bound once, to a tensor of as many elements. So the order of nodes is one of computation.
class Network {
 public:
  explicit Network(std::string name = {}, Connections connections = Connections::known)
      : name_(std::move(name)), connections_(connections) {}

  /// Throws BadInput: a name that there is already, a negative dimension.
  TensorId add_tensor(Tensor tensor);

  /// `saved` and `context` operands may be left out. Throws BadInput naming the node and the operand:
  /// an operand that is missing, there twice, unknown, of another size, written twice or read before
  /// it is written; a pass that the layer does not have. CountOverflow for sizes beyond 63 bits.
  const Node& add_node(Node node);

  const std::string& name() const { return name_; }
  Connections connections() const { return connections_; }
  std::span<const Tensor> tensors() const { return tensors_; }
  std::span<const Node> nodes() const { return nodes_; }

  std::optional<TensorId> find(std::string_view name) const;
  /// The tensor of that name. Throws BadInput.
  TensorId at(std::string_view name) const;

  /// The node that writes a tensor; none for inputs, constants and where it is not known.
  std::optional<std::size_t> writer(TensorId tensor) const;
  /// The last node that reads it; none where nobody does.
  std::optional<std::size_t> last_reader(TensorId tensor) const;

  /// Tensors that no node reads or writes, and outputs that no node writes.
  std::vector<TensorId> unreached() const;

 private:
  static constexpr std::size_t nobody = SIZE_MAX;
  struct Use {
    std::size_t writer = nobody;
    std::size_t last_reader = nobody;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  void check_layer(Node& node) const;
  void check_edge(const Node& node, const Edge& edge) const;

  std::string name_;
  Connections connections_;
  std::vector<Tensor> tensors_;
  std::vector<Use> uses_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, TensorId, Hash, std::equal_to<>> names_;
};

}  // namespace flopmeter
