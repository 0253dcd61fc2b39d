// Models of config.json that are no single transformer.
#pragma once

#include <optional>

#include "models/huggingface/config.h"

namespace flopmeter::huggingface {

/// Whether a model_type is one of these.
bool is_other(const Json& object);

/// Nothing where the model_type is none of these. Throws BadInput.
/// What the families have that are rows of other_models.cpp, in files of their own.
Counted read_mamba(const Json& object, const models::ModelOptions& options);
Counted read_swin(const Json& object, const models::ModelOptions& options);

std::optional<Counted> read_other(const Json& object, const models::ModelOptions& options);

}  // namespace flopmeter::huggingface
