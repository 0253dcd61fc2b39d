// From a graph to a Network: what each node's layers read and write.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/chain/network_file.h"
#include "models/chain/random_numbers.h"
#include "models/onnx/graph.h"

namespace flopmeter::onnx {

using models::Numbers;
using models::Range;

/// What the numbers of constants are made from; lives as long as they may be asked for.
struct Source {
  std::shared_ptr<const void> file;  // whose bytes the model views
  ModelProto model;
  Graph graph;
  ExternalData external;
  std::unordered_map<int, Range> ranges = {};  // of tensors of the graph that are drawn
  std::map<std::string, models::GivenInput, std::less<>> given = {};  // by name of the input
  std::int64_t batch = 1;
  std::uint64_t seed = 1;
};

using Operands = std::vector<std::pair<std::string, TensorId>>;
using Results = std::vector<std::pair<std::string, int>>;

/// A network under construction. Everything throws BadInput without the node's name.
class NetworkBuilder {
 public:
  explicit NetworkBuilder(std::shared_ptr<Source> source);
  models::NetworkFile build();

  const Graph& graph() const { return source_->graph; }
  const Tensor& known(int tensor) const {
    return graph().tensors[static_cast<std::size_t>(tensor)].known;
  }

  /// The network's tensor that a tensor of the graph is.
  TensorId tensor(int of_graph);
  TensorId constant(std::string name, std::vector<std::int64_t> dims, Numbers numbers);
  bool is_constant(TensorId id) const {
    return made_.network.tensors()[id].lifetime == Lifetime::constant;
  }
  const Numbers& numbers(TensorId id) const { return made_.numbers[id]; }
  const std::vector<std::int64_t>& dims(TensorId id) const {
    return made_.network.tensors()[id].dims;
  }

  /// A node, and the tensor of its first result; where it reads nothing but constants, results are
  /// constants and there is no node. Results are tensors of the graph, or `nobody`: between nodes.
  TensorId add(const GraphNode& node, std::string_view suffix, std::string_view layer,
               const std::string& shape, const Operands& inputs, const Results& results);
  /// The same, with the tensors of all results.
  std::vector<TensorId> add_all(const GraphNode& node, std::string_view suffix,
                                std::string_view layer, const std::string& shape,
                                const Operands& inputs, const Results& results);
  /// The numbers of an input that the caller gives; none where it is no such input.
  std::optional<std::vector<float>> given(int of_graph) const;
  /// What whoever reads the times has to know.
  void remark(std::string text) { made_.remarks.push_back(std::move(text)); }
  /// Numbers that are drawn for a tensor come from this range, also behind what only moves them.
  void draw(int of_graph, const Range& range);

 private:
  void add_node(const GraphNode& node);
  void add_input(int of_graph);
  void require_places() const;
  void add_source(int of_graph, Lifetime lifetime, Numbers numbers);
  void note(TensorId id, Elem elem);
  Numbers numbers_of_constant(int of_graph);
  bool all_constant(const Operands& inputs) const;
  bool of_integers(const Operands& inputs, const Results& results) const;
  TensorId result(const Operand& operand, int of_graph, const std::string& label, Lifetime lifetime,
                  bool integers);
  std::string unique(std::string name);
  void find_leaves();
  void add_outputs();
  void note_constant_inputs();
  void remark_types();
  TensorId add_copy(TensorId id, const std::string& name);

  std::shared_ptr<Source> source_;
  models::NetworkFile made_;
  std::unordered_map<int, TensorId> ids_;
  std::vector<int>
      leaves_;  // by tensor of the graph: the result that it is, perhaps seen otherwise
  std::vector<Elem>
      elems_;  // by TensorId: of the file; undefined between nodes that one is made of
};

/// One node with what it is about to become.
struct Binding {
  NetworkBuilder& builder;
  const GraphNode& node;
  NodeView view;
  Lowered lowered = {};  // also of a node that is the same in every run

  TensorId in(std::size_t i) const { return builder.tensor(node.inputs.at(i)); }
  /// The layer that the operator's row makes of the node, which must be one.
  const LayerUse& use() const;
  /// That layer, with its result `dst`.
  TensorId add(const Operands& inputs) const;
  /// Another layer that makes the node's result, and one that makes something for it.
  TensorId add_last(std::string_view layer, const std::string& shape, const Operands& inputs) const;
  TensorId add_between(std::string_view suffix, std::string_view layer, const std::string& shape,
                       const Operands& inputs) const;
  void draw(std::size_t input, const Range& range) const;
};

/// How an operator's node is bound.
struct Binder {
  std::string_view domain, op;
  void (*bind)(const Binding&);
};

/// Null where there is none.
const Binder* find_binder(std::string_view domain, std::string_view op);

std::span<const Binder> dense_binders();  // convolutions, products, pooling
std::span<const Binder> einsum_binders();
std::span<const Binder> norm_binders();         // norms, softmax
std::span<const Binder> reduction_binders();    // sums, means, the largest
std::span<const Binder> function_binders();     // of one tensor
std::span<const Binder> elementwise_binders();  // of two and more
std::span<const Binder> quantization_binders();
std::span<const Binder> integer_binders();
std::span<const Binder> moving_binders();  // changes of place
std::span<const Binder> index_binders();   // look-ups, selections
std::span<const Binder> recurrent_binders();
std::span<const Binder> attention_binders();
std::span<const Binder> runtime_attention_binders();
std::span<const Binder> rotary_binders();
std::span<const Binder>
linear_quantized_binders();                      // ONNX Runtime's between scales and zero points
std::span<const Binder> block_weight_binders();  // weights of few bits in blocks
std::span<const Binder> sampling_binders();
std::span<const Binder> pattern_binders();    // what follows of constants which elements go where
std::span<const Binder> feature_binders();    // of older tools
std::span<const Binder> generator_binders();  // out of nothing
std::span<const Binder> selection_binders();  // how much they find, the data decide

/// As a recurrent layer, whose weights are constants: LSTM, RNN, and GRU that resets the product.
void bind_recurrent(const Binding& b);

/// Integers are computed in f32, whatever else is: see of_integers of the executor.
inline Domain domain_of(Elem elem) {
  return is_integer(elem) ? Domain{Domain::Kind::index} : Domain{};
}

/// Sizes of a tensor. Throws BadInput where only a run knows them.
std::vector<std::int64_t> dims_of(const Tensor& tensor);

/// The shape as the layer reads it.
std::string shape_text(const LayerUse& use);

}  // namespace flopmeter::onnx
