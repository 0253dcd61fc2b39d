// What a claim is about: the layer or model to measure, and the measured shapes to hold it against.
#pragma once

#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "validate/claims/bound_formula.h"
#include "validate/claims/claim.h"
#include "validate/claims/sweep.h"

namespace flopmeter::claims {

/// What worked numbers are measured on: the layers of a model, or the one layer; empty for "any".
/// Throws BadInput.
Model model_of(const Claim& claim);

/// The samples of a model, of a layer, or of every layer that has what the formula needs, smallest
/// first. `sweeps` must outlive it. Throws BadInput.
class Subject {
 public:
  Subject(const Claim& claim, const Model& model, const BoundFormula& formula, Sweeps& sweeps);

  std::span<const Sample* const> samples() const { return samples_; }
  /// Without padding both readings are one.
  bool padding_matters() const;

 private:
  void add_layer(const std::vector<Sample>& samples, std::string_view name,
                 const BoundFormula& formula);
  void add_copies(std::vector<Sample> samples, std::string_view name);

  std::deque<Sample> owned_;
  std::vector<const Sample*> samples_;
};

}  // namespace flopmeter::claims
