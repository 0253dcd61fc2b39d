// A chain in 8-bit integers: which nodes, with which steps.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/network/eight_bits.h"
#include "models/chain/chain.h"

namespace flopmeter::models {

/// Whether the node is computed in 8 bits where steps for it are known.
bool can_be_quantized(const Network& network, const Node& node);

/// Tensors that their writers leave in 8 bits: those that a node in 8 bits reads as its source, and what is added to
/// such as these are made; of the latter all summands have to lie so as well, as they lie where the result does.
class CodedResults {
 public:
  explicit CodedResults(const Network& network);
  bool operator[](TensorId id) const { return coded_[id]; }

 private:
  bool is_result(TensorId id) const;
  bool spread();
  bool banned(TensorId id) const;

  const Network& network_;
  std::vector<bool> coded_;
  std::vector<TensorId> banned_ = {};
};

/// Of each output channel the largest step of which all its weights are multiples, from -127 to 127 times. Empty
/// where there is none: these weights are no 8-bit integers.
std::vector<float> exact_steps(std::span<const float> weights, std::int64_t channels);

/// The codes of a layer's weights that are right on this CPU: weight_codes(), but that oneDNN does not halve those of
/// every product beside a signed source where pairs saturate, so that they must be small as well as even.
WeightCodes codes_for(std::string_view layer, bool src_signed);

/// Whether the node's weights have groups.
bool is_grouped(const Node& node);

/// The same with every tensor between nodes as a result, so that each can be looked at after a run.
Chain with_all_results(const Chain& chain);

/// One run in f32 with the inputs that the chain has, every tensor between nodes kept: by TensorId of `chain`, empty
/// for constants.
struct Calibration {
  std::vector<std::vector<float>> values;
};
Calibration calibrate(const Chain& chain, int threads);

/// Gives every node that can have them steps: weights symmetric, one step an output channel, of its largest weight;
/// sources one step, of the largest value in the calibrating run, unsigned where none was below 0. Weights become
/// multiples of their steps. Nothing is done where the file has 8-bit steps of its own.
void quantize(Chain& chain, const Calibration& calibration);

/// A sentence on what was done, for people.
std::string quantized_text(const Chain& chain);

}  // namespace flopmeter::models
