// Small shapes of a layer or of a model, measured: what formulas are held against.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/network/network.h"
#include "validate/claims/condition.h"
#include "validate/claims/measurement.h"
#include "validate/claims/shape_template.h"

namespace flopmeter::claims {

/// How padding is read: only what touches real input, or every tap. Models and layers alike.
enum class PaddingReading { in_bounds, dense };
inline constexpr std::array readings{PaddingReading::in_bounds, PaddingReading::dense};
inline constexpr std::size_t index(PaddingReading reading) {
  return static_cast<std::size_t>(reading);
}

/// Whether a sample satisfies a condition; unknown where the layer lacks the condition's variables.
enum class Met : std::uint8_t { no, yes, unknown };

/// One measured shape. A scope has the fields and variables of the shape (of a model: its symbols)
/// and what was measured under one reading: macs, multiplies, adds, flops (by the convention
/// exact), params, outputs (elements of dst), and of a layer one_sample_macs (of the same shape
/// with mb = 1) and forward_macs, which are its macs beside the backward ones.
struct Sample {
  std::string shape;
  CountedSums measured;
  std::array<Scope, 2> scopes;          // by reading
  std::array<std::vector<Met>, 2> met;  // by reading; in the order of conditions()
};

/// Layers with shapes that have symbols in them.
struct ModelLayer {
  const AnyLayer* layer;
  ShapeTemplate shape;
};
using Model = std::vector<ModelLayer>;

/// The model with numbers for its symbols: guides list layers, not what they read. Throws BadInput.
Network instantiate(const Model& model, const Scope& symbols);

/// Fields and derived variables of a shape. Throws BadInput for a value beyond 2^53.
Scope shape_scope(const Problem& problem);

/// Adds what was measured under the reading, by the names that a sample's scope has.
void add_measured(Scope& scope, const CountedSums& measured, PaddingReading reading);

/// Deterministic: the same shapes on every machine, each once, smallest first. Tiny shapes with one
/// or two fields raised, and random ones with conditions imposed alone and together.
using Measuring = std::function<CountedSums(const Problem&)>;
std::vector<Sample> sweep_layer(const AnyLayer& layer, const Measuring& measuring);
std::vector<Sample> sweep_model(const Model& model);

/// Layers' sweeps, each measured when first asked for: forward, or by measure_training.
class Sweeps {
 public:
  const std::vector<Sample>& of(const AnyLayer& layer, bool training);

 private:
  std::map<std::pair<std::string_view, bool>, std::vector<Sample>> done_;
};

}  // namespace flopmeter::claims
