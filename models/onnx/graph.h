// The graph of a model with functions and control flow taken apart: tensors with what is known of them,
// nodes in an order of computation, and what each node becomes.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "models/model.h"
#include "models/onnx/operator.h"
#include "models/onnx/wire/external.h"

namespace flopmeter::onnx {

/// What the caller knows besides the file. `dims` binds free dimensions by name; "*" binds all others.
struct GraphOptions {
  std::map<std::string, std::int64_t, std::less<>> dims = {};
  std::string folder = {};  // of the file, for shapes that are stored beside it
  std::map<std::string, Tensor, std::less<>> inputs = {};  // in place of the file's own types
  std::map<std::string, models::GivenInput, std::less<>> given = {};  // numbers of inputs
  std::int64_t batch = 1;  // times what the file or `dims` say of the first dimension of inputs
  /// For a network that is to run: iterations one behind the other, tensors whose length the data decide as long as
  /// they may become.
  bool to_run = false;
};

inline constexpr int nobody = -1;

/// A node after inlining. Tensors are places in Graph::tensors.
struct GraphNode {
  const NodeProto* proto = nullptr;
  std::string_view name;  // of the file; else of its first output
  std::string_view path;  // scopes around it, with slashes
  std::vector<int> inputs = {}, outputs = {};
  std::int64_t version = 0;
  std::int64_t uses = 1;  // how often it runs
  SharedLowered lowered = {};
  bool folded = false;  // the same in every run, or made of shapes alone: it does not run
  int into = nobody;    // the node that a pattern made of it and others
  std::vector<std::string> covers = {};  // names of the nodes that a pattern made it of
};

struct NamedTensor {
  std::string_view name;
  Tensor known;
  int writer = nobody;      // a node
  bool stored = false;      // an initializer or a Constant, or an input that stands for one
  std::int64_t packed = 0;  // elements that it stands for, where they are not its own
  const TensorProto* data = nullptr;  // of an initializer
};

/// An If whose condition only a run knows: its branches are nodes [first, second) and [second, end).
struct Choice {
  std::size_t first = 0, second = 0, end = 0;
};

struct Graph {
  std::vector<NamedTensor> tensors;
  std::vector<GraphNode> nodes;
  std::vector<int> inputs, outputs;  // without inputs that stand for weights
  std::vector<std::string> remarks;
  std::vector<Choice> choices;    // inner ones before those around them
  bool weightless = false;        // weights are graph inputs
  std::deque<NodeProto> made;     // nodes of inlined functions, with their attributes filled in
  std::deque<std::string> names;  // of nodes, where scopes are added to that of the file
};

/// Names of dimensions that the file leaves free, in the order of the inputs. Names that are sums or
/// products of others ("past + tokens") are not in it.
std::vector<std::string> free_dims(const ModelProto& model);

/// Throws BadInput naming the node: cycles, names written twice, inputs that nobody makes, types and
/// shapes that ONNX forbids, free dimensions without a value.
Graph build_graph(const ModelProto& model, const GraphOptions& options);

}  // namespace flopmeter::onnx
