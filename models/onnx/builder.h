// Makes a Graph of a model: names to tensors, functions and control flow to nodes.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "models/onnx/graph.h"

namespace flopmeter::onnx {

/// The names that a graph or a function can see: its own, and those around it.
struct Scope {
  const Scope* outer = nullptr;
  std::unordered_map<std::string_view, int> tensors = {};
  std::string path = {};                                             // before the names of nodes
  std::int64_t uses = 1;                                             // how often what is in it runs
  std::unordered_map<std::string_view, std::int64_t> versions = {};  // of operator sets, by domain
  int depth = 0;

  /// `nobody` where the name is not known.
  int find(std::string_view name) const;
  std::int64_t version(std::string_view domain) const;
};

/// The modules around a node of that name, by its metadata or by its name.
std::string_view path_of(const NodeProto& node, std::string_view name);

struct SequenceNode;

class GraphBuilder {
 public:
  GraphBuilder(const ModelProto& model, const GraphOptions& options);
  Graph build();

 private:
  int add_tensor(Scope& scope, std::string_view name, Tensor known);
  void add_initializers(Scope& scope, const GraphProto& graph);
  void add_inputs(Scope& scope);
  bool set_given(const ValueInfo& input, Tensor& known);
  void require_inputs() const;
  void add_nodes(Scope& scope, const std::vector<NodeProto>& nodes);
  void add_node(Scope& scope, const NodeProto& node);
  void infer(Scope& scope, const NodeProto& node, GraphNode& made);
  void set_outputs(Scope& scope, const NodeProto& node, std::vector<Tensor> outputs, int writer);
  void bound_rows(NodeView& view);
  void take_stated_shapes(const Scope& scope, NodeView& view);
  const std::unordered_map<std::string_view, const ValueInfo*>& stated();

  void inline_function(Scope& scope, const NodeProto& node, const FunctionProto& function);
  const FunctionProto* function_of(const NodeProto& node) const;

  // Control flow: models/onnx/control_flow.cpp.
  bool add_control_flow(Scope& scope, const NodeProto& node);
  void add_if(Scope& scope, const NodeProto& node);
  std::string refusal_of(const std::function<void()>& addition);
  std::optional<bool> only_branch(std::string_view node, const std::function<void()>& add_then,
                                  const std::function<void()>& add_else);
  void add_loop(Scope& scope, const NodeProto& node);
  void add_scan(Scope& scope, const NodeProto& node);
  std::vector<Tensor> run_body(Scope& scope, const NodeProto& node, const GraphProto& body,
                               std::string_view label, const std::vector<Tensor>& arguments,
                               std::int64_t times);
  int add_control_node(Scope& scope, const NodeProto& node, std::string reason);

  // Sequences of tensors, taken apart: models/onnx/sequences.cpp.
  bool add_sequence(Scope& scope, const NodeProto& node);
  std::optional<std::vector<int>> made_sequence(Scope& scope, const SequenceNode& n);
  std::optional<std::vector<int>> split(Scope& scope, const SequenceNode& n);
  bool take_from_sequence(Scope& scope, const SequenceNode& n);
  int add_places(Scope& scope, std::int64_t first);

  // The same, of networks that are to run: models/onnx/unrolling.cpp.
  bool unroll_if(Scope& scope, const NodeProto& node, const GraphProto& then_branch,
                 const GraphProto& else_branch, std::optional<bool> decided);
  bool unroll_loop(Scope& scope, const NodeProto& node, const GraphProto& body);
  bool unroll_scan(Scope& scope, const NodeProto& node, const GraphProto& body);
  /// Places of the results of a graph whose inputs are those places.
  std::vector<int> body_places(Scope& outer, const NodeProto& node, const GraphProto& body,
                               std::string_view label, const std::vector<int>& arguments);
  int add_constant(Scope& scope, Elem elem, std::int64_t value);
  /// A node of ours that reads those places and makes the scope's tensor `output`.
  int add_made(Scope& scope, std::string_view op, const std::vector<int>& places,
               std::string_view output, std::optional<std::int64_t> axis = {});
  void add_stacked(Scope& scope, const std::vector<int>& places, std::int64_t axis,
                   std::string_view output);

  /// Views of the file, or of a name that the graph keeps.
  std::string_view name_in(const Scope& scope, const NodeProto& node);

  const ModelProto& model_;
  const GraphOptions& options_;
  ExternalData external_;
  Graph graph_;
  LoweredPool lowered_;
  std::unordered_map<std::string, const FunctionProto*> functions_;
  std::unordered_set<std::string_view> weight_inputs_;
  std::unordered_map<std::string_view, const ValueInfo*> stated_;  // what the file says of results
  std::vector<std::string> free_;  // dimensions of inputs, made with stated_
  std::size_t stated_taken_ = 0;   // nodes of which that was taken
  std::size_t looked_at_ = 0;      // nodes, with those that are looked at again
};

}  // namespace flopmeter::onnx
