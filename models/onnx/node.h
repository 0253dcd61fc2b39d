// One node with what is known of its inputs, as the rows of the operator table see it.
#pragma once

#include <compare>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/bad_input.h"
#include "models/onnx/tensor.h"

namespace flopmeter::onnx {

/// Dimensions that are known.
using Sizes = std::vector<std::int64_t>;

/// The shape of an output, or what a node costs, cannot be known before the run, for this reason.
struct Undetermined : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Operator;

/// AttributeProto.AttributeType, of those that operators ask for.
enum class AttributeType { real = 1, integer = 2, text = 3, reals = 6, integers = 7 };

/// A layer with the fields of its shape, or the shape in its notation; what is left out has the
/// layer's default.
struct LayerUse {
  std::string_view layer;
  std::vector<std::pair<std::string_view, std::int64_t>> fields;
  std::string label = {};  // apart from the node's name, where a node is several layers
  std::int64_t times = 1;
  std::string text = {};  // the shape in the layer's own notation, instead of fields

  auto operator<=>(const LayerUse&) const = default;
};

/// What a node becomes. Without layers it does no arithmetic (`moves`: "view", "copy") or is not
/// understood (`reason`). A node may have layers and a reason: then they are a part of it. A `remark`
/// says what a run may do less of.
struct Lowered {
  std::vector<LayerUse> layers = {};
  std::string_view moves = {};
  std::string reason = {};
  std::string remark = {};

  auto operator<=>(const Lowered&) const = default;
};

/// The same, which nodes that become the same share: a deep network repeats them.
class SharedLowered {
 public:
  SharedLowered();
  SharedLowered(Lowered lowered)  // NOLINT(google-explicit-constructor): one that nobody shares
      : lowered_(std::make_shared<const Lowered>(std::move(lowered))) {}
  const Lowered& operator*() const { return *lowered_; }
  const Lowered* operator->() const { return lowered_.get(); }
  bool operator<(const SharedLowered& other) const { return *lowered_ < *other.lowered_; }

 private:
  std::shared_ptr<const Lowered> lowered_;
};

class LoweredPool {
 public:
  SharedLowered shared(Lowered lowered) { return *pool_.emplace(std::move(lowered)).first; }

 private:
  std::set<SharedLowered> pool_;
};

Lowered moves(std::string_view how);
Lowered not_understood(std::string reason);
Lowered one_layer(std::string_view layer,
                  std::vector<std::pair<std::string_view, std::int64_t>> fields);

class NodeView {
 public:
  NodeView(const NodeProto& node, std::int64_t version) : proto(node), opset(version) {}

  const NodeProto& proto;
  std::int64_t opset;  // of the node's domain
  const Operator* row = nullptr;
  std::vector<const Tensor*> inputs;  // null where one is left out
  std::vector<Tensor> outputs;

  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  /// Throws BadInput when it is missing.
  const Tensor& in(std::size_t i) const;
  /// Throws Undetermined when the rank is not known.
  const Dims& dims(std::size_t i) const;
  std::int64_t rank(std::size_t i) const { return static_cast<std::int64_t>(dims(i).size()); }
  /// Dimensions that must be known. Throw Undetermined naming the one that is not.
  std::vector<std::int64_t> sizes(std::size_t i) const;
  std::vector<std::int64_t> output_sizes(std::size_t i = 0) const;
  std::int64_t count(std::size_t i) const;  // elements of an input
  std::int64_t output_count(std::size_t i = 0) const;

  /// The elements of an input, null when they are not known.
  const Content* content(std::size_t i) const;
  /// Integers of an input; throw Undetermined when they are not known.
  const Dims& integers(std::size_t i) const;
  std::vector<std::int64_t> known_integers(std::size_t i) const;
  bool constant(std::size_t i) const { return has(i) && in(i).constant; }

  const AttributeProto* attribute(std::string_view name) const;
  /// Null where it is missing. Throws BadInput when the file gives it another type.
  const AttributeProto* attribute(std::string_view name, AttributeType type) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  double real(std::string_view name, double otherwise) const;
  std::string_view text(std::string_view name, std::string_view otherwise) const;
  /// Empty where the attribute is missing.
  std::vector<std::int64_t> integers_of(std::string_view name) const;
  std::vector<double> reals_of(std::string_view name) const;
  /// Throws BadInput when the attribute is missing.
  std::int64_t required(std::string_view name) const;

  /// An axis counted from the front. Throws BadInput naming it.
  std::size_t axis(std::int64_t given, std::int64_t rank) const;

  void set(std::size_t i, Elem elem, Dims dims, Contents content = nullptr);
  bool wants(std::size_t i) const { return i < outputs.size() && !proto.outputs[i].empty(); }

  /// "node 'conv1' (Conv)", for messages.
  std::string name() const;
};

std::string described(const NodeProto& node);

/// What an operator does not take: its inputs are of other sizes or values. Thrown for no other fault of a
/// file, so that of two branches the one that cannot run is known.
struct Unfit : BadInput {
  using BadInput::BadInput;
};

/// Dims as integers. Throws Undetermined naming the first that is not known.
std::vector<std::int64_t> known_sizes(const Dims& dims);
std::int64_t product_of(const std::vector<std::int64_t>& sizes, std::size_t from, std::size_t to);

}  // namespace flopmeter::onnx
