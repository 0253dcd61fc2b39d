// Swin: attention within windows of an image, which becomes smaller and deeper from stage to stage.
#pragma once

#include <cstdint>
#include <vector>

#include "models/model.h"

namespace flopmeter::models {

/// Sizes are pixels of the image, then places of it.
struct Swin {
  std::int64_t image = 224, patch = 4, channels = 3;
  std::int64_t hidden = 96;  // of the first stage; twice as many in each further one
  std::vector<std::int64_t> depths{2, 2, 6, 2}, heads{3, 6, 12, 24};
  std::int64_t window = 7;
  double ratio = 4;  // of the feed-forward block
  bool qkv_bias = true, absolute_positions = false;
  std::int64_t classes = 0;  // 0: none
};

/// All nodes of one pass, and the parameters. Throws BadInput and CountOverflow.
Model swin_model(const Swin& s, std::int64_t batch);

}  // namespace flopmeter::models
