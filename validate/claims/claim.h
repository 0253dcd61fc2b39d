// A claim: what a published guide states of a layer or a model. Data only, no verdicts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/expression.h"

namespace flopmeter::claims {

/// A worked number: what the guide prints for these values of its symbols; may print none.
struct Example {
  Scope at;
  std::optional<std::int64_t> states;
  std::string note;
};

/// A layer with a shape that may have symbols in it, see ShapeTemplate.
struct LayerShape {
  std::string layer;
  std::string shape;
};

struct Claim {
  std::string id;
  std::string source;           // key of the file's sources
  std::string layer;            // a layer, "any", or the name of a model
  std::vector<std::string> on;  // "any": the layers it is held against; all when empty
  std::string quantity;         // see quantity.h, or "definition"
  std::string relation;         // "equals", "approximately" or "between"
  std::string formula;          // in the guide's own symbols; may be empty
  std::string upper;  // "between": the formula is the lower end of a range, this the upper
  /// The guide's symbol -> formula over the layer's fields and variables. Several: the claim is
  /// held with each of them in turn ("in": ["ih", "iw"]).
  std::map<std::string, std::vector<std::string>> symbols;
  std::string shape;               // of the examples, see ShapeTemplate
  std::vector<LayerShape> layers;  // of a model
  std::vector<Example> examples;
  std::string scope;  // prose
  std::string says;   // prose
};

struct Source {
  std::string id;
  std::string kind;  // prose
};

struct Claims {
  std::vector<Source> sources;
  std::vector<Claim> claims;
};

/// Reads {"sources": {id: {"kind": prose}}, "claims": [...]}. `origin` names the file in messages.
/// Throws BadInput: no JSON, a missing or unknown key, a value of the wrong type, a repeated id.
Claims read_claims(std::string_view json, std::string_view origin);

}  // namespace flopmeter::claims
