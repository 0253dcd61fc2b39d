// flopmeter count --batch: what the formulas say of every shape of a file.
#pragma once

#include <string>

namespace flopmeter {

/// One line a shape and pass: MACs, operations, parameters. `layer`: whose shapes they are, or a
/// driver of benchdnn. What is not read goes to the standard error. Throws BadInput when the file
/// cannot be read.
std::string count_batch(const std::string& layer, const std::string& path, bool json);

}  // namespace flopmeter
