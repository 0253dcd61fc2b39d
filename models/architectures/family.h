// Families of language models by their names in config.json and in GGUF files: what is true of all
// their sizes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "models/architectures/transformer.h"

namespace flopmeter::models {

struct Family {
  std::string_view huggingface;  // model_type
  std::string_view gguf;         // general.architecture
  void (*shape)(Transformer&);   // what differs from LLaMA
};

/// The tables: families that generate, and those with an encoder.
std::span<const Family> decoder_families();
std::span<const Family> encoder_families();

/// The original transformer's norms and biases.
void layernorm_biases(Transformer& t);

/// Throw BadInput naming the known ones.
const Family& huggingface_family(std::string_view name);
const Family& gguf_family(std::string_view name);

/// For lists: every name once.
std::string known_families(bool gguf);

}  // namespace flopmeter::models
