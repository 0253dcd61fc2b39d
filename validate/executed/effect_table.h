// The list of effects that make machine code do more or less than the formula says: effects.json.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/case.h"
#include "validate/claims/shape_template.h"
#include "validate/executed/version_range.h"
#include "validate/expression.h"

namespace flopmeter {

/// What the counts of an explanation are.
enum class Quantity { macs, products, operations };

/// One effect on some layers, as a closed form of the count with it.
class Effect {
 public:
  /// Throws BadInput.
  Effect(std::string name, std::string_view text, std::string_view when,
         std::vector<std::pair<std::string, std::string>> lets,
         const std::map<Quantity, std::string>& forms);

  const std::string& name() const { return name_; }
  /// The count with the effect; `scope` has the shape, W, D, dense, in_bounds, stated and before.
  /// The count before where there is none for the quantity. Throws BadInput for a count that is no
  /// integer.
  std::int64_t apply(Quantity quantity, Scope scope) const;
  std::string text(Scope scope) const { return text_.fill(with_lets(std::move(scope))); }

 private:
  Scope with_lets(Scope scope) const;

  std::string name_;
  claims::ShapeTemplate text_;
  Expression when_;
  std::vector<std::pair<std::string, Expression>> lets_;
  std::map<Quantity, Expression> forms_;
};

/// Where an effect is found.
struct EffectRow {
  std::string backend;
  VersionRange versions;            // of the backend's library, for which it was found
  std::vector<std::string> layers;  // empty: all
  std::vector<Pass> passes;         // empty: all
  std::string implementation;       // part of the backend's own word; empty: any
  std::string not_implementation;   // not part of it; empty: no matter
  /// Functions that are done to the result in the same step, one of which this is about; empty: the layer's own
  /// arithmetic.
  std::vector<std::string> after;
  Effect effect;

  /// `implementations`: the backend's own word; of several layers, those between commas, of which
  /// one is enough. `version`: of its library, as library_version says it.
  bool concerns(std::string_view backend_of_it, std::string_view version, std::string_view layer,
                Pass pass, std::string_view implementations) const;

 private:
  bool concerns_one(std::string_view name) const;
};

/// Rows from JSON as in effects.json. Throws BadInput, naming `origin` and the effect, for what is no
/// table, an unknown key, pass, layer or backend, and a formula or range of versions that is none.
std::vector<EffectRow> read_effects(std::string_view json, std::string_view origin);

/// flopmeter's own rows, in the order in which they apply. Read once.
std::span<const EffectRow> effect_table();

}  // namespace flopmeter
