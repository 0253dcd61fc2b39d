#include "models/architectures/swin.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/bad_input.h"
#include "models/architectures/pieces.h"

namespace flopmeter::models {
namespace {

void require_size(std::int64_t size, std::int64_t most, std::string_view what) {
  if (size < 1 || size > most) {
    bad_input("{} of {}", what, size);
  }
}

void check(const Swin& s) {
  constexpr std::int64_t many = std::int64_t{1} << 20;
  require_size(s.image, many, "an image");
  require_size(s.patch, s.image, "patches");
  require_size(s.channels, many, "channels");
  require_size(s.hidden, many, "a hidden size");
  require_size(s.window, many, "a window");
  if (s.depths.empty() || s.depths.size() > 16 || s.depths.size() != s.heads.size()) {
    bad_input("{} stages with heads of {}", s.depths.size(), s.heads.size());
  }
  for (std::size_t i = 0; i < s.depths.size(); ++i) {
    require_size(s.depths[i], 1000, "a stage's depth");
    require_size(s.heads[i], many, "a stage's heads");
    if ((s.hidden << i) % s.heads[i] != 0) {
      bad_input("{} features cannot be divided into {} heads", s.hidden << i, s.heads[i]);
    }
  }
  if (!(s.ratio > 0 && s.ratio < 1024)) {
    bad_input("a feed-forward block of {} times the features", s.ratio);
  }
}

/// One stage's sizes: `side` places along each axis, `window` of them together.
struct Stage {
  std::int64_t batch, side, hidden, heads, window, feed_forward;
  bool bias;

  std::int64_t rows() const { return product(batch, product(side, side)); }
  /// An image that windows do not divide is filled up with zeros.
  std::int64_t windows() const {
    const std::int64_t along = (side + window - 1) / window;
    return product(batch, product(along, along));
  }
  std::int64_t tokens() const { return product(window, window); }
};

/// A bias for each distance within the window, a head; shifted windows hide from each other what was apart.
void add_window_attention(NodeList& nodes, const Stage& s, bool shifted) {
  const std::int64_t rows = product(s.windows(), s.tokens());
  for (const char* name : {"attention.q", "attention.k", "attention.v"}) {
    nodes.linear(name, rows, s.hidden, s.hidden, s.bias);
  }
  nodes.add("attention.scores", "sdpa",
            {{"mb", s.windows()},
             {"h", s.heads},
             {"hkv", s.heads},
             {"lq", s.tokens()},
             {"lk", s.tokens()},
             {"d", s.hidden / s.heads}});
  const std::int64_t square = product(s.tokens(), s.tokens());
  nodes.add("attention.positions", "add",
            fmt::format("{}x{}x{}:1x{}x{}", s.windows(), s.heads, square, s.heads, square));
  const std::int64_t distances = 2 * s.window - 1;
  nodes.parameters(product(product(distances, distances), s.heads));
  if (shifted) {
    const std::int64_t of_image = s.windows() / s.batch;
    nodes.add(
        "attention.mask", "add",
        fmt::format("{}x{}x{}x{}:1x{}x1x{}", s.batch, of_image, s.heads, square, of_image, square));
  }
  nodes.linear("attention.o", rows, s.hidden, s.hidden, true);
}

void add_block(NodeList& nodes, const Stage& s, const Transformer& norms, bool shifted) {
  const std::int64_t rows = s.rows();
  add_norm(nodes, norms, "attention.norm", rows, s.hidden);
  add_window_attention(nodes, s, shifted);
  add_sum(nodes, "attention.residual", rows, s.hidden);
  add_norm(nodes, norms, "ffn.norm", rows, s.hidden);
  nodes.linear("ffn.up", rows, s.hidden, s.feed_forward, true);
  add_unary(nodes, "ffn.act", "gelu_erf", rows, s.feed_forward);
  nodes.linear("ffn.down", rows, s.feed_forward, s.hidden, true);
  add_sum(nodes, "ffn.residual", rows, s.hidden);
}

void add_patches(NodeList& nodes, const Swin& s, const Transformer& norms, std::int64_t batch) {
  const std::int64_t side = (s.image + s.patch - 1) / s.patch;
  const std::int64_t filled = product(side, s.patch);
  nodes.add("patches", "conv2d",
            {{"mb", batch},
             {"ic", s.channels},
             {"ih", filled},
             {"oc", s.hidden},
             {"oh", side},
             {"kh", s.patch},
             {"sh", s.patch},
             {"ph", 0},
             {"bias", 1}});
  const std::int64_t taps = product(s.channels, product(s.patch, s.patch));
  nodes.parameters(product(s.hidden, checked_add(taps, 1)));
  const std::int64_t rows = product(batch, product(side, side));
  add_norm(nodes, norms, "patches.norm", rows, s.hidden);
  if (s.absolute_positions) {
    const std::int64_t all = product(side, side);
    nodes.add("positions", "add",
              fmt::format("{}x{}x{}:1x{}x{}", batch, all, s.hidden, all, s.hidden));
    nodes.parameters(product(all, s.hidden));
  }
}

}  // namespace

Model swin_model(const Swin& s, std::int64_t batch) {
  check(s);
  Transformer norms;
  norms.norm = Norm::layer;
  norms.norm_bias = true;
  NodeList nodes;
  add_patches(nodes, s, norms, batch);
  std::int64_t side = (s.image + s.patch - 1) / s.patch;
  std::int64_t hidden = s.hidden;
  for (std::size_t i = 0; i < s.depths.size(); ++i) {
    const Stage stage{batch,
                      side,
                      hidden,
                      s.heads[i],
                      std::min(s.window, side),
                      static_cast<std::int64_t>(s.ratio * static_cast<double>(hidden)),
                      s.qkv_bias};
    for (std::int64_t block = 0; block < s.depths[i]; ++block) {
      nodes.enter(fmt::format("stages.{}.{}", i, block));
      add_block(nodes, stage, norms, block % 2 == 1 && side > s.window);
    }
    if (i + 1 < s.depths.size()) {  // four neighbours become one
      nodes.enter(fmt::format("stages.{}", i));
      side = (side + 1) / 2;
      const std::int64_t rows = product(batch, product(side, side));
      add_norm(nodes, norms, "merge.norm", rows, product(4, hidden));
      nodes.linear("merge", rows, product(4, hidden), product(2, hidden), false);
      hidden = product(2, hidden);
    }
  }
  nodes.enter("");
  add_norm(nodes, norms, "norm", product(batch, product(side, side)), hidden);
  nodes.add("mean", "reduce_mean",
            fmt::format("{}x{}x{}:{}x1x{}", batch, product(side, side), hidden, batch, hidden));
  if (s.classes > 0) {
    nodes.linear("classifier", batch, hidden, s.classes, true);
  }
  Model model = std::move(nodes).finish();
  model.activation_remark = "not known: a configuration has no order of tensors";
  return model;
}

}  // namespace flopmeter::models
