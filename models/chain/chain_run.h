// A chain that runs, and how long it takes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/network/executor.h"
#include "models/chain/chain.h"

namespace flopmeter::models {

/// Bytes of the weights, twice (as the file has them and as primitives want them), and of all that may be
/// alive between nodes: before anything is made. Throws CountOverflow.
std::int64_t needed_bytes(const Chain& chain);

/// What a node may be run by, in the order in which they are tried: oneDNN in the dtype, oneDNN in f32,
/// Eigen, the definition.
std::vector<Way> ways_of(Dtype dtype, int threads);

/// A step of a run: a fused node, or what brings a tensor from one layout to another before it.
struct ChainPart {
  std::size_t node;  // of the chain
  std::string name;  // of the node, or "reorder of x"
  std::string implementation;
  std::string backend;
  Dtype dtype = Dtype::f32;
  int threads = 1;
  bool reorder = false;
};

/// All that does not belong to a run is done when it is made: weights are packed, memory is there.
class ChainRun {
 public:
  /// Every node by the first of `ways_of` that can. Throws BadInput
  /// naming the node that nothing can run, and why. The chain must outlive it.
  ChainRun(const Chain& chain, Dtype dtype, int threads);
  ChainRun(const ChainRun&) = delete;
  ChainRun& operator=(const ChainRun&) = delete;

  const std::vector<ChainPart>& parts() const { return parts_; }
  void run() const { prepared_.run(); }
  /// A run in which `call` calls each part, in order.
  using Call = std::function<void(std::size_t part, const std::function<void()>& body)>;
  void run(const Call& call) const;
  /// A run that reads the clock between the parts: adds each part's seconds to `seconds`.
  void run(const std::function<double()>& clock, std::vector<std::vector<double>>& seconds) const;

  /// The results of the last run, by the network's names.
  std::vector<float> result(const std::string& name);
  /// The same of many: inputs and results by name, brought back once.
  void fetch() const { prepared_.fetch(); }
  std::vector<float> fetched(const std::string& name);

  std::size_t arena_bytes() const { return prepared_.arena_bytes; }

 private:
  Tensors<float> tensors_;
  PreparedNetwork prepared_;
  std::vector<ChainPart> parts_;
};

}  // namespace flopmeter::models
