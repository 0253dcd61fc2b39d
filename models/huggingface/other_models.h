// Models of config.json that are no single transformer.
#pragma once

#include <optional>

#include "models/huggingface/config.h"

namespace flopmeter::huggingface {

/// Whether a model_type is one of these.
bool is_other(const Json& object);

/// Nothing where the model_type is none of these. Throws BadInput.
std::optional<Counted> read_other(const Json& object, const models::ModelOptions& options);

}  // namespace flopmeter::huggingface
