// Inputs whose numbers the caller gives, in place of drawn ones.
#pragma once

#include "models/model.h"
#include "models/onnx/tensor.h"

namespace flopmeter::onnx {

/// All elements of an input of these dimensions: one number is that of every element, and those of one sample are
/// repeated for a batch. Throws BadInput naming the input: other dimensions, another number of elements, numbers that
/// its type does not have.
std::vector<double> given_numbers(std::string_view name, const models::GivenInput& given, Elem elem,
                                  const std::vector<std::int64_t>& dims, std::int64_t batch);

/// Whether it is a setting, as a sample rate is, and not data: a single integer, truth value or number without
/// dimensions. What follows from it alone is computed before a run.
bool is_setting(Elem elem, const Dims& dims);

/// Its content, for what is computed from it.
Contents content_of_setting(Elem elem, const std::vector<double>& numbers);

}  // namespace flopmeter::onnx
