// Settings of a model's blocks: experts, latent attention, windows, biases.
#pragma once

#include <string>

#include "models/architectures/transformer.h"
#include "models/huggingface/keys.h"

namespace flopmeter::huggingface {

/// Behind the sizes, which it reads. Throws BadInput for layers that are not counted.
void read_blocks(const Settings& c, const std::string& family, models::Transformer& t);

}  // namespace flopmeter::huggingface
