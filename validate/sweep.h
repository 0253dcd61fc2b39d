// Small shapes of a layer or of a model, measured: what formulas are held against.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/condition.h"
#include "validate/measurement.h"
#include "validate/shape_template.h"

namespace flopmeter::claims {

/// How padding is read: only what touches real input, or every tap. Models and layers alike.
enum class Reading { in_bounds, dense };
inline constexpr std::array readings{Reading::in_bounds, Reading::dense};
inline constexpr std::size_t index(Reading reading) { return static_cast<std::size_t>(reading); }

/// Whether a sample satisfies a condition; unknown where the layer lacks the condition's variables.
enum class Met : std::uint8_t { no, yes, unknown };

/// One measured shape. A scope has the fields and variables of the shape (of a model: its symbols)
/// and what was measured under one reading: macs, multiplies, adds, flops (by the convention
/// exact), params, outputs (elements of dst), one_sample_macs (of the same shape with mb = 1).
struct Sample {
  std::string shape;
  Measurement measured;
  std::array<Scope, 2> scopes;          // by reading
  std::array<std::vector<Met>, 2> met;  // by reading; in the order of conditions()
};

/// Layers with shapes that have symbols in them.
struct ModelLayer {
  const AnyLayer* layer;
  ShapeTemplate shape;
};
using Model = std::vector<ModelLayer>;

/// The model with numbers for its symbols. Throws BadInput.
std::vector<Problem> instantiate(const Model& model, const Scope& symbols);

/// Fields and derived variables of a shape. Throws BadInput for a value beyond 2^53.
Scope shape_scope(const Problem& problem);

/// Adds what was measured under the reading, by the names that a sample's scope has.
void add_measured(Scope& scope, const Measurement& measured, Reading reading);

/// Deterministic: the same shapes on every machine, each once, smallest first. Tiny shapes with one
/// or two fields raised, and random ones with conditions imposed alone and together.
std::vector<Sample> sweep_layer(const AnyLayer& layer,
                                std::span<const Pass> passes = forward_alone);
/// The same shapes, each with its backward passes beside the forward one, whose MACs are
/// `forward_macs` as well.
std::vector<Sample> sweep_training(const AnyLayer& layer);
std::vector<Sample> sweep_model(const Model& model);

/// Layers' sweeps, each measured when first asked for.
class Sweeps {
 public:
  const std::vector<Sample>& of(const AnyLayer& layer);
  const std::vector<Sample>& training(const AnyLayer& layer);

 private:
  std::map<std::string_view, std::vector<Sample>> by_layer_;
  std::map<std::string_view, std::vector<Sample>> training_;
};

}  // namespace flopmeter::claims
