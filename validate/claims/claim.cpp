#include "validate/claims/claim.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/bad_input.h"
#include "validate/json_keys.h"

namespace flopmeter::claims {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto relations = std::to_array<std::string_view>({"equals", "approximately", "between"});

std::string text(const Json& object, const char* key, std::string_view otherwise) {
  return object.value(key, std::string(otherwise));
}

/// The list or object under the key; an empty one when there is none. A reference, because
/// iterating over the items of a temporary is iterating over what is gone.
const Json& member(const Json& object, const char* key) {
  static const Json none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

/// A string, or a list of them.
std::vector<std::string> texts(const Json& value) {
  if (value.is_string()) {
    return {value.get<std::string>()};
  }
  return value.get<std::vector<std::string>>();
}

/// nlohmann converts 1.5 to 1 without a word.
std::int64_t integer(const Json& value) {
  if (!value.is_number_integer()) {
    bad_input("{} is no integer", value.dump());
  }
  return value.get<std::int64_t>();
}

Example read_example(const Json& json) {
  check_keys(json, {"at", "states", "note"});
  Example example;
  for (const auto& [symbol, value] : member(json, "at").items()) {
    example.at.emplace(symbol, exact_double(symbol, integer(value)));
  }
  if (json.contains("states") && !json["states"].is_null()) {
    example.states = integer(json["states"]);
  }
  example.note = text(json, "note", "");
  return example;
}

void read_lists(const Json& json, Claim& claim) {
  claim.on = json.contains("on") ? texts(json["on"]) : std::vector<std::string>{};
  for (const auto& [symbol, bound] : member(json, "symbols").items()) {
    claim.symbols.emplace(symbol, texts(bound));
  }
  for (const Json& layer : member(json, "layers")) {
    check_keys(layer, {"layer", "shape"});
    claim.layers.push_back(
        {layer.at("layer").get<std::string>(), layer.at("shape").get<std::string>()});
  }
  for (const Json& example : member(json, "examples")) {
    claim.examples.push_back(read_example(example));
  }
}

Claim read_claim(const Json& json) {
  check_keys(json, {"id", "source", "layer", "on", "quantity", "relation", "formula", "upper",
                    "symbols", "shape", "layers", "examples", "scope", "says"});
  Claim claim;
  claim.id = json.at("id").get<std::string>();
  claim.source = text(json, "source", "");
  claim.layer = json.at("layer").get<std::string>();
  claim.quantity = json.at("quantity").get<std::string>();
  claim.relation = text(json, "relation", "equals");
  claim.formula = text(json, "formula", "");
  claim.upper = text(json, "upper", "");
  claim.shape = text(json, "shape", "");
  claim.scope = text(json, "scope", "");
  claim.says = text(json, "says", "");
  if (std::ranges::find(relations, claim.relation) == relations.end()) {
    bad_input("relation '{}' is none of equals, approximately, between", claim.relation);
  }
  if ((claim.relation == "between") == claim.upper.empty()) {
    bad_input("upper belongs to the relation between, and between needs it");
  }
  read_lists(json, claim);
  return claim;
}

/// "claim S0-linear-params", or where it stands while it has no id.
std::string name_of(const Json& json, std::size_t number) {
  const bool named = json.is_object() && json.contains("id") && json["id"].is_string();
  return named ? "claim " + json["id"].get<std::string>()
               : "claim number " + std::to_string(number);
}

/// The message without nlohmann's "[json.exception.out_of_range.403] ".
std::string_view plain(std::string_view message) {
  const std::size_t bracket =
      message.starts_with('[') ? message.find("] ") : std::string_view::npos;
  return bracket == std::string_view::npos ? message : message.substr(bracket + 2);
}

Json parse(std::string_view json, std::string_view origin) {
  try {
    return Json::parse(json);
  } catch (const Json::exception& error) {
    bad_input("{}: {}", origin, plain(error.what()));
  }
}

std::vector<Source> read_sources(const Json& file) {
  std::vector<Source> sources;
  for (const auto& [id, source] : member(file, "sources").items()) {
    check_keys(source, {"kind"});
    sources.push_back({id, text(source, "kind", "")});
  }
  return sources;
}

}  // namespace

Claims read_claims(std::string_view json, std::string_view origin) {
  const Json file = parse(json, origin);
  if (!file.is_object() || !file.contains("claims") || !file["claims"].is_array()) {
    bad_input(R"({}: needs a list "claims", as in {{"claims": [{{"id": ...}}]}})", origin);
  }
  Claims read;
  std::set<std::string> ids;
  std::string where = "sources";
  try {
    check_keys(file, {"about", "sources", "claims"});
    read.sources = read_sources(file);
    for (const Json& claim : file["claims"]) {
      where = name_of(claim, read.claims.size() + 1);
      read.claims.push_back(read_claim(claim));
      if (!ids.insert(read.claims.back().id).second) {
        bad_input("the id is used twice");
      }
    }
  } catch (const std::exception& error) {
    bad_input("{}: {}: {}", origin, where, plain(error.what()));
  }
  return read;
}

}  // namespace flopmeter::claims
