// A config.json of Hugging Face as a transformer's options.
#pragma once

#include <string_view>

#include "models/architectures/transformer.h"
#include "models/huggingface/keys.h"
#include "models/language/description.h"

namespace flopmeter::huggingface {

struct Config {
  models::Transformer transformer;
  std::string format;  // "config.json of llama, bfloat16"
  std::string dtype;   // of the weights
  std::vector<std::string> remarks;
  double epsilon = 1e-5, rotary_base = 10000;
  std::string rotary_scaling;  // of angles, as the file calls it
};

/// Throws BadInput naming the key: not JSON, an unknown model_type, a key that is missing or no number.
Config read_config(std::string_view json);

/// The same of the object; parsed() throws BadInput for what is no JSON object.
Config config_of(const Json& object);
Json parsed(std::string_view json);

/// A model, and the type of its weights.
struct Counted {
  models::Model model;
  std::string dtype;
};
Counted read_transformer(const Json& object, const models::ModelOptions& options);

/// What a run needs; weights are drawn. Throws BadInput.
models::LanguageModel read_language(std::string_view json);

/// `folder`: where files of weights may lie, whose headers say in which types they are stored.
models::Model read(std::string_view json, const std::string& folder,
                   const models::ModelOptions& options);

}  // namespace flopmeter::huggingface
