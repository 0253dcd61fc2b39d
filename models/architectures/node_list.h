// Nodes of a network that is written down rather than read from a graph, and their parameters.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/model.h"

namespace flopmeter::models {

using FieldValues = std::vector<std::pair<std::string_view, std::int64_t>>;

class NodeList {
 public:
  /// Nodes that follow are named "path.name".
  void enter(std::string path) { path_ = std::move(path); }

  void add(std::string_view name, std::string_view layer, const FieldValues& fields);
  /// The shape as text.
  void add(std::string_view name, std::string_view layer, const std::string& shape);
  /// Rows times weights that are parameters.
  void linear(std::string_view name, std::int64_t rows, std::int64_t in, std::int64_t out,
              bool bias);
  /// Parameters that no node here counts.
  void parameters(std::int64_t count);
  /// From here on nodes use weights again that were counted before.
  void share_weights(bool shared) { shared_ = shared; }
  /// Is added to the last node.
  void reason(std::string text);

  Model finish() &&;

 private:
  void push(std::string_view name, std::string_view layer, const std::string& shape);

  Model model_;
  std::string path_;
  bool shared_ = false;
};

/// Whether this build's layer of that name has the field.
bool has_field(std::string_view layer, std::string_view key);

}  // namespace flopmeter::models
