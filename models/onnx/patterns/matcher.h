// What patterns ask of a graph: who made a tensor, who reads it, is it this constant.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/onnx/graph.h"

namespace flopmeter::onnx {

class Matcher {
 public:
  explicit Matcher(Graph& graph);

  Graph& graph() { return graph_; }
  std::size_t size() const { return graph_.nodes.size(); }
  const GraphNode& node(int i) const { return graph_.nodes[static_cast<std::size_t>(i)]; }
  const Tensor& tensor(int i) const { return graph_.tensors[static_cast<std::size_t>(i)].known; }

  /// Whether node `i` is a standard operator of that name that runs and is in no pattern yet.
  bool is(int i, std::string_view op) const;
  /// The input, `nobody` where there is none.
  int input(int node, std::size_t i) const;
  int output(int node) const;

  /// The node of that operator that writes the tensor; `nobody` otherwise.
  int writer(int tensor, std::string_view op) const;
  /// The only reader of a node's result, views skipped; `nobody` where there are several, or the result
  /// leaves the graph. The views are appended to `through`.
  int reader(int node, std::vector<int>* through = nullptr) const;
  std::size_t readers(int tensor) const;
  /// The source of a tensor behind views.
  int behind_views(int tensor) const;

  /// The value of a tensor of one element that is the same in every run.
  std::optional<double> scalar(int tensor) const;
  bool is_constant(int tensor) const;

  /// Of a node with two inputs, the other one than `tensor`; `nobody` when it is none of both.
  int other_input(int node, int tensor) const;

  /// `last` becomes `lowered` and stands for `inner`. False, and nothing is done, when a result of an
  /// inner node is read outside, or they do not run equally often.
  bool merge(int last, std::vector<int> inner, Lowered lowered, std::string_view kind);

  std::vector<std::string> found() const;

 private:
  Graph& graph_;
  std::vector<std::vector<int>> readers_;
  std::vector<bool> leaves_;  // results of the graph
  std::map<std::string, std::pair<std::size_t, std::size_t>> kinds_;
};

void recognise_activations(Matcher&);
void recognise_norms(Matcher&);
void recognise_attention(Matcher&);
void recognise_biases(Matcher&);

}  // namespace flopmeter::onnx
