// What single families keep in config.json under names of their own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "models/huggingface/config.h"
#include "models/huggingface/keys.h"

namespace flopmeter::huggingface {

/// What a family reads beside the common settings.
struct Particular {
  std::string_view family;
  void (*read)(const Settings&, Config&);
};
std::span<const Particular> encoder_particulars();

/// Throw BadInput for variants that are not counted.
void refuse(bool variant, std::string_view what);
void require_same(const Settings& c, const char* name, std::int64_t size, std::string_view what);
/// What the families of BERT and GPT-2 may be besides.
void check_plain(const Settings& c, Config& config);

/// Changes what the common settings made. Throws BadInput for variants that are not counted.
void read_particulars(const Settings& c, std::string_view family, Config& config);

}  // namespace flopmeter::huggingface
