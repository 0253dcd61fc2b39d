// What quantised operators do around their arithmetic: numbers of few bits to real ones and back.
#pragma once

#include <initializer_list>

#include "models/onnx/operator.h"

namespace flopmeter::onnx {

/// `x` with a scale and a zero point of as many dimensions, or of one element. `layer` is quantize or
/// dequantize.
LayerUse quantize_use(std::string_view layer, const std::vector<std::int64_t>& x,
                      std::vector<std::int64_t> scale, std::vector<std::int64_t> zero,
                      std::string label);

/// A tensor at place `x` with its scale and zero point behind it; settings have one element.
LayerUse dequantize_input(const NodeView& n, std::size_t x, std::string label);

/// The result rounded to a number of few bits, with a scale for all or for each of `scales` channels,
/// which stand at `axis`.
void append_requantize(const NodeView& n, std::int64_t scales, std::size_t axis, Lowered& lowered);

/// x minus its zero point, where that is not known to be 0. A constant is shifted once, before the run.
void append_shift(const NodeView& n, std::size_t x, std::size_t zero, std::string label,
                  Lowered& lowered);

/// Inputs at these places to real numbers, `inner`, and its result back.
Lowered among_reals(const NodeView& n, std::initializer_list<std::size_t> inputs, Lowered inner);

/// DynamicQuantizeLinear of x, as ONNX defines it: its range, scale and zero point, and the rounding.
void append_dynamic_quantize(const std::vector<std::int64_t>& x, Lowered& lowered);

}  // namespace flopmeter::onnx
