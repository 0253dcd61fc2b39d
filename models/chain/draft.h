// A network whose nodes are being put together.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/network/eight_bits.h"
#include "models/chain/network_file.h"

namespace flopmeter::models {

/// A node, and what went into it.
struct Step {
  Node node;
  std::vector<std::string> members = {};
  std::vector<std::string> rules = {};
  bool gone = false;
  std::shared_ptr<const EightBits> eight_bits = nullptr;
};

class Draft {
 public:
  explicit Draft(const NetworkFile& file);

  std::size_t size() const { return steps_.size(); }
  const Step& step(std::size_t i) const { return steps_[i]; }
  const Tensor& tensor(TensorId id) const { return tensors_[id]; }
  const std::vector<Tensor>& tensors() const { return tensors_; }
  const Numbers& numbers(TensorId id) const { return numbers_[id]; }
  bool is_constant(TensorId id) const { return tensors_[id].lifetime == Lifetime::constant; }
  std::int64_t count(TensorId id) const { return elements(tensors_[id]); }

  /// Whether step `i` is there and of one of these layers.
  bool is(std::size_t i, std::span<const std::string_view> layers) const;
  bool is(std::size_t i, std::initializer_list<std::string_view> layers) const {
    return is(i, std::span(layers.begin(), layers.size()));
  }
  /// What an operand is bound to; none where it is not.
  std::optional<TensorId> operand(std::size_t i, std::string_view name) const;
  TensorId result(std::size_t i) const;
  /// The step that writes it; none for inputs, constants.
  std::optional<std::size_t> writer(TensorId id) const;
  /// The same where it is of that layer.
  std::optional<std::size_t> writer(TensorId id, std::string_view layer) const;
  const std::vector<std::size_t>& readers(TensorId id) const { return readers_[id]; }
  /// The one step that reads what step `i` makes, once, and nobody keeps it.
  std::optional<std::size_t> reader(std::size_t i) const;
  /// Of a function of two, the operand that is not `one`; none where it is not among them.
  std::optional<TensorId> other(std::size_t i, TensorId one) const;
  /// Of a function of two, one of which is a constant of one element: the other, and that number.
  struct Scaled {
    TensorId tensor;
    double number;
    bool second;  // the number stands second
  };
  std::optional<Scaled> with_number(std::size_t i) const;
  std::optional<double> number(TensorId id) const;
  /// Dimensions of an operand as the step's layer has them: tensors are seen otherwise behind a reshape.
  std::vector<std::int64_t> dims(std::size_t i, std::string_view operand) const;
  /// Those of the result, and of the tensor `of` that the step reads; empty where it does not.
  std::vector<std::int64_t> result_dims(std::size_t i) const;
  std::vector<std::int64_t> dims_of(std::size_t i, TensorId of) const;
  /// The value of a field of the shape.
  std::int64_t field(std::size_t i, std::string_view key) const;

  TensorId add_constant(std::string name, std::vector<std::int64_t> dims, Numbers numbers);
  /// `node` in place of the members, where the last of them stands. False, and nothing is done, where
  /// something between them is read elsewhere or kept.
  bool replace(const std::vector<std::size_t>& members, Node node, std::string_view rule);

  /// The step reads `source` for what it had as its source, and computes in 8 bits. Steps that nobody reads any more
  /// are gone.
  void set_eight_bits(std::size_t i, TensorId source, EightBits eight_bits, std::string_view rule);

  /// The nodes that are there.
  NetworkFile finished(std::string name, std::vector<Step>& steps) &&;

 private:
  void relate();
  void drop_unread();

  std::vector<Tensor> tensors_;
  std::vector<Numbers> numbers_;
  std::vector<Step> steps_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::optional<std::size_t>> writers_;
};

/// The values of a shape with one field changed.
Values with_field(const Node& node, std::string_view key, std::int64_t value);

}  // namespace flopmeter::models
