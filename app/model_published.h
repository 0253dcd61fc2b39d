// What published counters print for a network from a file, for `flopmeter model --convention`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/model.h"
#include "validate/published/network.h"

namespace flopmeter {

/// A network read as the PyTorch model that its file was made of.
struct PublishedReport {
  std::vector<published::Written> nodes;
  std::int64_t folded_norms = 0;  // batch norms that the export folded into convolutions
  std::int64_t lookups = 0;       // embeddings of constant places
  std::int64_t primitives = 0;    // attentions that the file has as their primitives
  std::size_t not_understood = 0;
  std::vector<published::NetworkPrint> prints;
};

/// The network as it was written: batch norms unfolded, fused attentions as primitives, layers
/// without a scope of their own as functions.
std::vector<published::Written> as_written(const models::Model& model, PublishedReport& report);

/// Of one pass. Throws BadInput, CountOverflow.
PublishedReport published_report(const models::Model& model, Pass pass,
                                 const std::vector<const published::Counter*>& counters);

std::string published_text(const PublishedReport& report, const models::Model& model);
nlohmann::json published_json(const PublishedReport& report);

}  // namespace flopmeter
