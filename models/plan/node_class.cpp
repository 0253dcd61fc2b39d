#include "models/plan/node_class.h"

#include <algorithm>
#include <cmath>

namespace flopmeter::planner {
namespace {

// Shapes are drawn as networks have them: channels that are multiples of 8 or 16 and not far apart,
// kernels of 3, batches that are mostly 1.

std::int64_t batch(Draw& draw) { return draw.with(0.6) ? 1 : draw.log_uniform(1, 16); }

/// Not more than so many times apart.
std::pair<std::int64_t, std::int64_t> two_channels(Draw& draw, std::int64_t high, double apart) {
  for (;;) {
    const std::int64_t ic = draw.channels(8, high);
    const std::int64_t oc = draw.channels(8, high);
    const double ratio = static_cast<double>(oc) / static_cast<double>(ic);
    if (ratio < apart && ratio > 1 / apart) {
      return {ic, oc};
    }
  }
}

struct Window {
  std::int64_t size, stride;
};

Drawn convolution(Draw& draw, std::int64_t groups, std::int64_t ic, std::int64_t oc,
                  Window window) {
  const std::int64_t out = draw.log_uniform(4, 130);
  const std::int64_t pad = (window.size - 1) / 2;
  const std::int64_t in =
      std::max<std::int64_t>((out - 1) * window.stride + window.size - 2 * pad, 1);
  return {"conv2d", fmt::format("g{}mb{}ic{}ih{}oc{}oh{}kh{}sh{}ph{}", groups, batch(draw), ic, in,
                                oc, out, window.size, window.stride, pad)};
}

std::int64_t stride(Draw& draw) { return draw.one_of({1, 1, 1, 2}); }

Drawn draw_conv(Draw& draw) {
  const double which = draw.share();
  if (which < 0.04) {  // patches
    const std::int64_t size = draw.one_of({8, 14, 16, 32});
    return convolution(draw, 1, 3, draw.channels(64, 1024), {size, size});
  }
  if (which < 0.14) {  // of an image
    return convolution(draw, 1, draw.one_of({3, 3, 1, 4}), draw.channels(16, 128),
                       {draw.one_of({3, 3, 5, 7}), draw.one_of({1, 2})});
  }
  const auto [ic, oc] = two_channels(draw, 768, 5);
  return convolution(draw, 1, ic, oc, {draw.one_of({3, 3, 3, 3, 3, 2, 5, 7}), stride(draw)});
}

Drawn draw_conv1x1(Draw& draw) {
  const auto [ic, oc] = two_channels(draw, 2048, 10);
  return convolution(draw, 1, ic, oc, {1, draw.one_of({1, 1, 1, 1, 2})});
}

Drawn draw_depthwise(Draw& draw) {
  const std::int64_t channels = draw.channels(16, 1024);
  return convolution(draw, channels, channels, channels,
                     {draw.one_of({3, 3, 3, 5, 7}), draw.one_of({1, 1, 2})});
}

Drawn draw_grouped(Draw& draw) {
  const std::int64_t groups = draw.log_uniform(2, 32);
  const std::int64_t channels = groups * draw.channels(8, 128);
  return convolution(draw, groups, channels, channels, {draw.one_of({1, 3, 3, 3}), stride(draw)});
}

Drawn draw_transposed(Draw& draw) {
  const auto [ic, oc] = two_channels(draw, 512, 5);
  const Window window = draw.with(0.5) ? Window{2, 2} : Window{4, 2};
  const std::int64_t in = draw.log_uniform(4, 64);
  const std::int64_t pad = (window.size - window.stride) / 2;
  return {"conv_transpose2d", fmt::format("mb{}ic{}ih{}oc{}oh{}kh{}sh{}ph{}", batch(draw), ic, in,
                                          oc, (in - 1) * window.stride + window.size - 2 * pad,
                                          window.size, window.stride, pad)};
}

Drawn draw_gemm(Draw& draw) {
  return {"linear", fmt::format("mb{}ic{}oc{}", draw.log_uniform(2, 4096), draw.channels(16, 8192),
                                draw.channels(8, 8192))};
}

Drawn draw_gemv(Draw& draw) {
  return {"linear",
          fmt::format("mb1ic{}oc{}", draw.channels(16, 8192),
                      draw.with(0.3) ? draw.log_uniform(2, 4096) : draw.channels(8, 8192))};
}

/// Attention's two products, and others.
Drawn draw_batched(Draw& draw) {
  const std::int64_t groups = draw.log_uniform(2, 256);
  const std::int64_t m = draw.log_uniform(1, 1024);
  const auto feature = [&] { return draw.one_of<std::int64_t>({32, 64, 64, 80, 128}); };
  const std::int64_t n = draw.with(0.5) ? feature() : draw.log_uniform(8, 1024);
  const std::int64_t k = draw.with(0.5) ? feature() : draw.log_uniform(8, 1024);
  return {"matmul", fmt::format("{0}x{1}x{3}:{0}x{3}x{2}", groups, m, n, k)};
}

Drawn draw_pool(Draw& draw) {
  const std::int64_t channels = draw.channels(16, 2048);
  if (draw.with(0.25)) {
    return {"adaptive_avg_pool",
            fmt::format("mb{}ic{}ih{}oh1", batch(draw), channels, draw.log_uniform(4, 32))};
  }
  const Window window = draw.one_of<Window>({{2, 2}, {3, 2}, {3, 1}, {5, 1}});
  const std::int64_t out = draw.log_uniform(4, 112);
  return {draw.with(0.7) ? "max_pool" : "avg_pool",
          fmt::format("mb{}ic{}ih{}oh{}kh{}sh{}ph0", batch(draw), channels,
                      (out - 1) * window.stride + window.size, out, window.size, window.stride)};
}

Drawn draw_norm(Draw& draw) {
  return {draw.with(0.7) ? "layernorm" : "rmsnorm",
          fmt::format("mb{}c{}", draw.log_uniform(1, 8192), draw.channels(64, 4096))};
}

Drawn draw_softmax(Draw& draw) {
  return {"softmax", fmt::format("mb{}c{}", draw.log_uniform(1, 32768), draw.log_uniform(8, 4096))};
}

Drawn of_elements(std::string_view layer, Draw& draw) {
  return {layer, fmt::format("mb1ic{}", draw.channels(256, 8388608))};
}
Drawn draw_eltwise(Draw& draw) {
  return of_elements(draw.one_of<std::string_view>({"relu", "relu", "hardswish", "clip"}), draw);
}
Drawn draw_costly(Draw& draw) {
  return of_elements(
      draw.one_of<std::string_view>({"gelu_erf", "gelu_tanh", "silu", "sigmoid", "tanh"}), draw);
}

Drawn draw_binary(Draw& draw) {
  const std::string one = fmt::format("{}x{}", draw.log_uniform(1, 4096), draw.channels(64, 4096));
  return {draw.one_of<std::string_view>({"add", "add", "mul", "sub", "div"}), one + ":" + one};
}

/// Heads brought in front of tokens or back, a matrix on its side, images between their two layouts.
Drawn draw_move(Draw& draw) {
  const std::int64_t a = draw.log_uniform(1, 512);
  const std::int64_t b = draw.log_uniform(2, 64);
  const std::int64_t c = draw.channels(16, 1024);
  switch (draw.one_of({0, 0, 1, 2})) {
    case 0:
      return {"transpose", fmt::format("{}x{}x{}:1x0x2", a, b, c)};
    case 1:
      return {"transpose", fmt::format("{}x{}x{}:1x2x0", a, b, c)};
    default:
      return {"transpose", fmt::format("{}x{}:1x0", a * b, c)};
  }
}

Drawn draw_copy(Draw& draw) {
  const std::int64_t rows = draw.log_uniform(1, 512);
  const std::int64_t a = draw.channels(64, 16384);
  return {"concat", fmt::format("mb{}a{}b{}", rows, a, draw.channels(64, 16384))};
}

Drawn draw_reduce(Draw& draw) {
  return {draw.one_of<std::string_view>({"reduce_mean", "reduce_sum", "reduce_max"}),
          fmt::format("{0}x{1}:{0}x1", draw.log_uniform(1, 4096), draw.log_uniform(16, 4096))};
}

/// Of a recurrent network: rows of the product of each step, which kernels do by 4 or 8. Under SSE4.1 an LSTM of 3
/// samples reaches half of what one of 4 does, so that those that nobody has say nothing of those that all have.
std::int64_t samples(Draw& draw) {
  const double which = draw.share();
  return which < 0.35 ? 1 : which < 0.9 ? draw.one_of({2, 4, 8, 16, 32}) : draw.log_uniform(1, 32);
}

Drawn cells(std::string_view layer, Draw& draw) {
  return {layer, fmt::format("t{}mb{}slc{}dhc{}", draw.log_uniform(1, 128), samples(draw),
                             draw.channels(32, 1024), draw.channels(32, 1024))};
}
Drawn draw_recurrent(Draw& draw) { return cells(draw.with(0.8) ? "lstm" : "rnn", draw); }
Drawn draw_gru(Draw& draw) { return cells("gru", draw); }

Drawn draw_gather(Draw& draw) {
  return {"embedding", fmt::format("mb{}vocab{}dim{}", draw.log_uniform(1, 1024),
                                   draw.log_uniform(1000, 32000), draw.channels(64, 1024))};
}

const std::vector<NodeClass>& class_table() {
  using enum Work;
  static const std::vector<std::string_view> recurrent_axes{"hidden", "inputs", "samples", "steps",
                                                            "gates"};
  static const std::vector<NodeClass> table{
      {"conv", flops, {"ic", "oc", "taps", "stride", "width", "pixels"}, 5, 4, draw_conv},
      {"conv1x1", flops, {"ic", "oc", "stride", "width", "pixels"}, 4, 4, draw_conv1x1},
      {"depthwise", flops, {"channels", "taps", "stride", "width", "pixels"}, 4, 3, draw_depthwise},
      {"grouped", flops, {"groups", "ic", "oc", "taps", "stride", "pixels"}, 5, 1.5, draw_grouped},
      {"transposed", flops, {"ic", "oc", "taps", "pixels"}, 3, 1, draw_transposed},
      {"gemm", flops, {"m", "n", "k"}, 0, 4, draw_gemm},
      {"gemv", flops, {"n", "k"}, 0, 1, draw_gemv},
      {"batched", flops, {"batch", "m", "n", "k"}, 0, 3, draw_batched},
      {"pool", bytes, {"inputs", "outputs", "taps", "channels"}, 0, 1, draw_pool},
      {"norm", bytes, {"rows", "length"}, 0, 1, draw_norm},
      {"softmax", bytes, {"rows", "length"}, 0, 1, draw_softmax},
      {"eltwise", bytes, {"elements"}, 0, 0.7, draw_eltwise},
      {"costly", bytes, {"elements"}, 0, 0.7, draw_costly},
      {"binary", bytes, {"elements"}, 0, 0.7, draw_binary},
      {"recurrent", flops, recurrent_axes, 2, 1.8, draw_recurrent, 3},
      // Where LSTMs have kernels of their own, GRUs have not: of one sample they took a third of the time for as many FLOPs.
      {"gru", flops, recurrent_axes, 2, 1, draw_gru, 3},
      {"gather", bytes, {"rows", "length"}, 0, 0.5, draw_gather},
      {"move", bytes, {"elements", "run"}, 0, 1.5, draw_move},
      {"copy", bytes, {"elements", "run"}, 0, 0.7, draw_copy},
      {"reduce", bytes, {"rows", "length"}, 0, 0.7, draw_reduce},
  };
  return table;
}

}  // namespace

std::int64_t Draw::log_uniform(std::int64_t low, std::int64_t high) {
  const double from = std::log(static_cast<double>(low));
  const double to = std::log(static_cast<double>(high));
  return std::clamp<std::int64_t>(std::llround(std::exp(from + share() * (to - from))), low, high);
}

std::int64_t Draw::channels(std::int64_t low, std::int64_t high) {
  const std::int64_t step = with(0.7) ? 16 : 8;
  return std::max(step, (log_uniform(low, high) + step / 2) / step * step);
}

std::span<const NodeClass> node_classes() { return class_table(); }

const NodeClass* find_class(std::string_view name) {
  const auto found = std::ranges::find(class_table(), name, &NodeClass::name);
  return found == class_table().end() ? nullptr : &*found;
}

}  // namespace flopmeter::planner
