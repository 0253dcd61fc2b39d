// Integers of a file in a network that computes in f32, which holds all of them below 2^24.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "models/chain/network_file.h"
#include "models/onnx/wire/proto.h"

namespace flopmeter::onnx {

/// Throws BadInput naming `name` where a number is 2^24 or more.
void require_exact(std::span<const float> numbers, std::string_view name);

/// Evaluates what is computed of integers alone, inputs as they are drawn, in double. `elems` by tensor, undefined
/// for what the file does not have. Throws BadInput naming the node that makes an integer of 2^24 or more.
void check_whole_numbers(const models::NetworkFile& file, std::span<const Elem> elems);

}  // namespace flopmeter::onnx
