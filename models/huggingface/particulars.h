// What single families keep in config.json under names of their own.
#pragma once

#include <string_view>

#include "models/huggingface/config.h"
#include "models/huggingface/keys.h"

namespace flopmeter::huggingface {

/// Changes what the common settings made. Throws BadInput for variants that are not counted.
void read_particulars(const Json& c, std::string_view family, Config& config);

}  // namespace flopmeter::huggingface
