#include "validate/claims/subject.h"

#include <algorithm>

namespace flopmeter::claims {
namespace {

std::vector<const AnyLayer*> layers_of(const Claim& claim) {
  if (claim.layer != "any") {
    return {&find_layer(claim.layer)};
  }
  std::vector<const AnyLayer*> found;
  for (const AnyLayer& layer : layers()) {
    if (claim.on.empty() || std::ranges::find(claim.on, layer.name) != claim.on.end()) {
      found.push_back(&layer);
    }
  }
  return found;
}

/// Whether training multiplies and accumulates: a ratio to no MACs at all says nothing.
bool trains(const AnyLayer& layer) {
  return layer.has(Pass::backward_data) &&
         default_problems(layer).front().formula(Pass::forward).dense.macs != 0;
}

}  // namespace

Model model_of(const Claim& claim) {
  Model model;
  for (const LayerShape& layer : claim.layers) {
    model.push_back({&find_layer(layer.layer), ShapeTemplate(layer.shape)});
  }
  if (model.empty() && claim.layer != "any") {
    model.push_back({&find_layer(claim.layer), ShapeTemplate(claim.shape)});
  }
  return model;
}

Subject::Subject(const Claim& claim, const Model& model, const BoundFormula& formula,
                 Sweeps& sweeps) {
  if (!claim.layers.empty()) {
    add_copies(sweep_model(model), "");
  } else {
    const std::vector<const AnyLayer*> held_on = layers_of(claim);
    for (const AnyLayer* layer : held_on) {
      const std::string_view shown = held_on.size() > 1 ? layer->name : "";
      const bool training = claim.quantity == "training_macs";
      if (!training || trains(*layer)) {
        add_layer(sweeps.of(*layer, training), shown, formula);
      }
    }
  }
  if (samples_.empty()) {
    bad_input("no layer has the variables of formula '{}'", claim.formula);
  }
  std::ranges::stable_sort(samples_, {}, [](const Sample* s) { return s->measured.dense.macs; });
}

bool Subject::padding_matters() const {
  return std::ranges::any_of(samples_, [](const Sample* sample) {
    return sample->measured.dense != sample->measured.in_bounds;
  });
}

/// Of several layers, those without what the formula needs ("mb") say nothing of it.
void Subject::add_layer(const std::vector<Sample>& samples, std::string_view name,
                        const BoundFormula& formula) {
  if (name.empty()) {
    for (const Sample& sample : samples) {
      samples_.push_back(&sample);
    }
  } else if (formula.known_in(samples.front().scopes[0])) {
    add_copies(samples, name);
  }
}

/// With their layer's name before the shape.
void Subject::add_copies(std::vector<Sample> samples, std::string_view name) {
  for (Sample& sample : samples) {
    sample.shape = name.empty() ? sample.shape : fmt::format("{} {}", name, sample.shape);
    owned_.push_back(std::move(sample));
    samples_.push_back(&owned_.back());
  }
}

}  // namespace flopmeter::claims
