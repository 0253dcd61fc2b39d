#include "models/onnx/ops/quantized.h"

#include <algorithm>

#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

using Sizes = std::vector<std::int64_t>;

bool is_zero(const NodeView& n, std::size_t i) {
  const Content* known = n.content(i);
  if (!n.has(i)) {
    return true;
  }
  return known != nullptr && !known->real &&
         std::ranges::all_of(known->integers, [](const Dim& d) { return d.is(0); });
}

}  // namespace

LayerUse quantize_use(std::string_view layer, const Sizes& x, Sizes scale, Sizes zero,
                      std::string label) {
  const std::size_t rank = std::max<std::size_t>(x.size(), 1);
  for (Sizes* setting : {&scale, &zero}) {
    setting->insert(setting->begin(), rank - std::min(rank, setting->size()), 1);
  }
  LayerUse use{layer, {}, std::move(label)};
  use.text = shape_text(x) + ":" + shape_text(scale) + ":" + shape_text(zero);
  return use;
}

LayerUse dequantize_input(const NodeView& n, std::size_t x, std::string label) {
  return quantize_use("dequantize", n.sizes(x), {1}, {1}, std::move(label));
}

void append_requantize(const NodeView& n, std::int64_t scales, std::size_t axis, Lowered& lowered) {
  const Sizes y = n.output_sizes();
  Sizes scale(std::max<std::size_t>(y.size(), 1), 1);
  if (scales > 1 && axis < y.size()) {
    scale[axis] = scales;
  }
  lowered.layers.push_back(quantize_use("quantize", y, std::move(scale), {1}, "requantize"));
}

void append_shift(const NodeView& n, std::size_t x, std::size_t zero, std::string label,
                  Lowered& lowered) {
  if (n.constant(x) || is_zero(n, zero)) {
    return;
  }
  Sizes shift = n.sizes(zero);
  const Sizes sizes = n.sizes(x);
  // One for each row of a matrix.
  if (shift.size() == 1 && shift[0] > 1 && sizes.size() > 1 &&
      shift[0] == sizes[sizes.size() - 2]) {
    shift.push_back(1);
  }
  lowered.layers.push_back(binary_use("sub", sizes, shift, std::move(label)));
}

Lowered among_reals(const NodeView& n, std::initializer_list<std::size_t> inputs, Lowered inner) {
  Lowered lowered;
  lowered.reason = std::move(inner.reason);
  for (const std::size_t input : inputs) {
    lowered.layers.push_back(dequantize_input(
        n, input, inputs.size() > 1 ? fmt::format("dequantize{}", input) : "dequantize"));
  }
  for (LayerUse& use : inner.layers) {
    use.label = use.label.empty() ? std::string(use.layer) : use.label;
    lowered.layers.push_back(std::move(use));
  }
  lowered.layers.push_back(quantize_use("quantize", n.output_sizes(), {1}, {1}, "quantize"));
  return lowered;
}

void append_dynamic_quantize(const Sizes& x, Lowered& lowered) {
  const Sizes one(std::max<std::size_t>(x.size(), 1), 1);
  for (const std::string_view end : {"reduce_max", "reduce_min"}) {
    LayerUse use{end, {}, std::string(end.substr(7))};
    use.text = shape_text(x) + ":" + shape_text(one);
    lowered.layers.push_back(std::move(use));
  }
  // scale = (max(max, 0) - min(min, 0)) / 255; zero point = round(clip(0 - min / scale)).
  struct Step {
    std::string_view layer, label;
  };
  for (const Step step :
       {Step{"max", "max_with_0"}, Step{"min", "min_with_0"}, Step{"sub", "range"},
        Step{"div", "scale"}, Step{"div", "quotient"}, Step{"sub", "zero_point"}}) {
    lowered.layers.push_back(binary_use(step.layer, {1}, {1}, std::string(step.label)));
  }
  lowered.layers.push_back(unary_use("clip", 1, "zero_point_clip"));
  lowered.layers.push_back(unary_use("round", 1, "zero_point_round"));
  lowered.layers.push_back(quantize_use("quantize", x, {1}, {1}, "quantize"));
}

}  // namespace flopmeter::onnx
