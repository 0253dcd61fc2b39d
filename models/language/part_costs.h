// What the nodes of a model cost, taken by the parts of a run that they are in.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/architectures/transformer.h"

namespace flopmeter::models {

class PartCosts {
 public:
  PartCosts(const Transformer& t, const Phase& phase);

  struct Taken {
    std::vector<std::string> names = {};
    double flops = 0;  // exact, in bounds
    std::string layer = {}, shape = {};
  };
  /// The model's nodes of these names below the path; those that it does not have are left out. Layer and shape are of
  /// `main`. Each is there once.
  Taken take(const std::string& path, const std::vector<std::string>& names,
             const std::string& main);

  /// From now on nodes outside of blocks are of the last token of each sequence alone.
  void last_tokens_alone();

  /// Nodes with arithmetic that nobody took.
  std::vector<std::string> left() const;

 private:
  std::map<std::string, ModelNode, std::less<>> nodes_;
  Transformer t_;
  Phase phase_;
};

}  // namespace flopmeter::models
