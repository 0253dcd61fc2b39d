// Headers of safetensors files: which number types the weights beside a config.json are stored in.
#pragma once

#include <string>
#include <vector>

#include "models/model.h"

namespace flopmeter::huggingface {

/// Of the weights in a model's folder. Without files of weights there are no types.
struct StoredWeights {
  std::vector<models::WeightType> types;
  std::string remark;  // what is missing
};

/// The types of one file's header, {name: {dtype, shape, data_offsets}}: only the header is looked at.
/// Throws BadInput: no such header, lengths beyond the file, sizes that its bytes do not have.
std::vector<models::WeightType> read_safetensors(std::string_view bytes);

/// model.safetensors in the folder, or the parts that model.safetensors.index.json names. Throws
/// BadInput naming the file.
StoredWeights stored_weights(const std::string& folder);

}  // namespace flopmeter::huggingface
