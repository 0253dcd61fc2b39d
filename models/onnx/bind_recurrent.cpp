// LSTM of a graph as a node of a network. ONNX has gates in the order i, o, f, c, layers i, f, c, o; ONNX
// has the results of both directions apart, layers side by side.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

constexpr std::array<std::size_t, 4> gate_of_onnx{0, 2, 3, 1};

/// Blocks of four gates in the layer's order.
Numbers in_order(Numbers numbers, std::size_t blocks) {
  return [numbers = std::move(numbers), blocks] {
    const std::vector<float> from = numbers();
    std::vector<float> to(from.size());
    const std::size_t gate = from.size() / blocks / 4;
    for (std::size_t block = 0; block < blocks; ++block) {
      for (std::size_t g = 0; g < 4; ++g) {
        std::copy_n(
            from.begin() + static_cast<std::ptrdiff_t>((block * 4 + gate_of_onnx[g]) * gate), gate,
            to.begin() + static_cast<std::ptrdiff_t>((block * 4 + g) * gate));
      }
    }
    return to;
  };
}

TensorId reordered(const Binding& b, std::size_t input, std::string_view name, std::size_t blocks) {
  const TensorId given = b.in(input);
  if (!b.builder.is_constant(given)) {
    bad_input("its weights are no constants");
  }
  return b.builder.constant(fmt::format("{}:{}", b.node.name, name), b.builder.dims(given),
                            in_order(b.builder.numbers(given), blocks));
}

/// The state before the first step, 0 where none is given.
TensorId state(const Binding& b, std::size_t input, std::string_view name,
               std::vector<std::int64_t> dims) {
  if (b.view.has(input)) {
    b.draw(input, {-0.5, 0.5});
    return b.in(input);
  }
  const auto count = static_cast<std::size_t>(product_of(dims, 0, dims.size()));
  return b.builder.constant(fmt::format("{}:{}", b.node.name, name), std::move(dims),
                            [count] { return std::vector<float>(count, 0); });
}

/// The graph's tensor of a result, where the node has it.
int result_of(const Binding& b, std::size_t i) {
  return b.view.wants(i) ? b.node.outputs[i] : nobody;
}

void bind_lstm(const Binding& b) {
  const LayerUse& use = b.use();
  if (b.view.text("direction", "forward") == "reverse" || b.view.integer("layout", 0) != 0) {
    bad_input("backwards alone, or samples before steps, is not run yet");
  }
  const auto x = b.view.sizes(0);
  const std::int64_t hidden = b.view.sizes(2).at(2);
  const std::int64_t directions = b.view.sizes(1).at(0);
  const auto runs = static_cast<std::size_t>(directions);
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  for (const std::size_t input : {1, 2, 3}) {
    b.draw(input, {-bound, bound});
  }
  const std::vector<std::int64_t> states{directions, x[1], hidden};
  Operands inputs{{"src", b.in(0)},
                  {"src_iter", state(b, 5, "h", states)},
                  {"src_iter_c", state(b, 6, "c", states)},
                  {"weights_layer", reordered(b, 1, "W", runs)},
                  {"weights_iter", reordered(b, 2, "R", runs)}};
  if (b.view.has(3)) {
    inputs.emplace_back("bias", reordered(b, 3, "B", 2 * runs));
  }
  const bool side_by_side = directions == 2 && result_of(b, 0) != nobody;
  const TensorId all = b.builder.add(b.node, "", use.layer, shape_text(use), inputs,
                                     {{"dst", side_by_side ? nobody : result_of(b, 0)},
                                      {"dst_iter", result_of(b, 1)},
                                      {"dst_iter_c", result_of(b, 2)}});
  if (side_by_side) {
    b.builder.add(b.node, "directions", "transpose",
                  fmt::format("{}x{}x2x{}:0x2x1x3", x[0], x[1], hidden), {{"src", all}},
                  {{"dst", b.node.outputs[0]}});
  }
}

constexpr std::array recurrent_rows_bound{Binder{"", "LSTM", bind_lstm}};

}  // namespace

std::span<const Binder> recurrent_binders() { return recurrent_rows_bound; }

}  // namespace flopmeter::onnx
