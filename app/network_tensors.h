// What a network read and what it gave, as files: so that another engine can be held against it.
#pragma once

#include <string>

#include "models/chain/chain_run.h"
#include "models/chain/network_file.h"

namespace flopmeter {

/// Writes the inputs and the results of the last run into a folder, which is made: each as little-endian f32,
/// row-major (integers as floating-point numbers), and index.json:
/// {"inputs": [{"name", "dims", "file"}], "results": [...]}. Throws BadInput.
void dump_tensors(const std::string& folder, const models::NetworkFile& file,
                  models::ChainRun& run);

}  // namespace flopmeter
