// What goes into the first block of a transformer.
#include "models/architectures/pieces.h"

namespace flopmeter::models {
namespace {

void add_tokens(NodeList& nodes, const Transformer& t, std::int64_t rows,
                const std::string& before) {
  const std::int64_t size = t.embedding_size > 0 ? t.embedding_size : t.hidden;
  nodes.add(before + "embedding", "embedding",
            {{"mb", rows}, {"vocab", t.vocabulary}, {"dim", size}});
  nodes.parameters(before.empty() ? product(t.vocabulary, size) : 0);
}

/// Squares of an image through one convolution, and learned tokens before them.
void add_patches(NodeList& nodes, const Transformer& t, std::int64_t batch) {
  const Patches& p = t.patches;
  nodes.add("patches", "conv2d",
            {{"mb", batch},
             {"ic", p.channels},
             {"ih", p.height},
             {"iw", p.width},
             {"oc", t.hidden},
             {"oh", p.height / p.patch},
             {"ow", p.width / p.patch},
             {"kh", p.patch},
             {"kw", p.patch},
             {"sh", p.patch},
             {"sw", p.patch},
             {"ph", 0},
             {"pw", 0},
             {"bias", p.bias ? 1 : 0}});
  const std::int64_t taps = product(p.channels, product(p.patch, p.patch));
  nodes.parameters(checked_add(product(t.hidden, taps), p.bias ? t.hidden : 0));
  nodes.parameters(product(checked_add(p.extra, p.unused), t.hidden));
}

/// Whisper: as many frames as bands are read side by side.
void add_spectrum(NodeList& nodes, const Transformer& t, std::int64_t batch) {
  struct Convolution {
    std::string_view name;
    std::int64_t channels, stride;
  };
  for (const Convolution& c :
       {Convolution{"conv1", t.spectrum.bands, 1}, Convolution{"conv2", t.hidden, 2}}) {
    const std::int64_t frames = product(2, t.spectrum.frames);
    nodes.add(c.name, "conv1d",
              {{"mb", batch},
               {"ic", c.channels},
               {"iw", frames},
               {"oc", t.hidden},
               {"ow", frames / c.stride},
               {"kw", 3},
               {"sw", c.stride},
               {"pw", 1},
               {"bias", 1}});
    nodes.parameters(checked_add(product(product(3, c.channels), t.hidden), t.hidden));
    add_unary(nodes, fmt::format("{}.gelu", c.name), "gelu_erf", batch,
              product(t.hidden, frames / c.stride));
  }
}

/// wav2vec 2.0: sound through convolutions, a projection of what they give, and positions by a convolution whose result
/// has one frame too many where its taps are even.
void add_waveform(NodeList& nodes, const Transformer& t, std::int64_t batch, std::int64_t frames) {
  const Waveform& w = t.waveform;
  std::int64_t in = 1;
  std::int64_t length = w.samples(frames);
  for (std::size_t i = 0; i < w.convolutions.size(); ++i) {
    const Waveform::Convolution& c = w.convolutions[i];
    const std::string name = fmt::format("convolutions.{}", i);
    const std::int64_t out = (length - c.taps) / c.stride + 1;
    nodes.add(name, "conv1d",
              {{"mb", batch},
               {"ic", in},
               {"iw", length},
               {"oc", c.channels},
               {"ow", out},
               {"kw", c.taps},
               {"sw", c.stride},
               {"pw", 0},
               {"bias", w.bias ? 1 : 0}});
    nodes.parameters(
        checked_add(product(product(in, c.taps), c.channels), w.bias ? c.channels : 0));
    if (w.norms) {
      nodes.add(name + ".norm", "layernorm",
                {{"mb", product(batch, out)}, {"c", c.channels}, {"affine", 1}});
    } else if (i == 0) {
      nodes.add(name + ".norm", "groupnorm",
                {{"g", c.channels}, {"mb", batch}, {"ic", c.channels}, {"iw", out}, {"affine", 1}});
    }
    nodes.parameters(w.norms || i == 0 ? product(2, c.channels) : 0);
    add_unary(nodes, name + ".gelu", "gelu_erf", batch, product(c.channels, out));
    in = c.channels;
    length = out;
  }
  const std::int64_t rows = product(batch, frames);
  nodes.add("projection.norm", "layernorm", {{"mb", rows}, {"c", in}, {"affine", 1}});
  nodes.parameters(product(2, in));
  nodes.linear("projection", rows, in, t.hidden, true);
  const std::int64_t cut = w.position_taps % 2 == 0 ? 1 : 0;
  nodes.add("positions", "conv1d",
            {{"g", w.position_groups},
             {"mb", batch},
             {"ic", t.hidden},
             {"iw", frames},
             {"oc", t.hidden},
             {"ow", frames + cut},
             {"kw", w.position_taps},
             {"pw", w.position_taps / 2},
             {"bias", 1}});
  // Weights are stored as lengths, one a tap, and directions.
  nodes.parameters(
      checked_add(product(product(t.hidden, t.hidden / w.position_groups), w.position_taps),
                  checked_add(w.position_taps, t.hidden)));
  add_unary(nodes, "positions.gelu", "gelu_erf", rows, t.hidden);
  add_sum(nodes, "positions.sum", rows, t.hidden);
  nodes.parameters(w.masked ? t.hidden : 0);
}

/// What stands at the places of tokens, patches or frames: a table that is looked up for tokens.
struct Places {
  std::int64_t batch, tokens, size, stored;
  bool looked_up;
};

void add_positions(NodeList& nodes, const Transformer& t, const Places& at,
                   const std::string& before) {
  const std::int64_t rows = product(at.batch, at.tokens);
  const bool learned = t.positions == Positions::learned;
  nodes.parameters(learned ? product(at.stored, at.size) : 0);
  if (!at.looked_up) {
    nodes.add(before + "positions.sum", "add",
              fmt::format("{}x{}x{}:1x{}x{}", at.batch, at.tokens, at.size, at.tokens, at.size));
    return;
  }
  if (learned) {
    nodes.add(before + "positions", "embedding",
              {{"mb", rows}, {"vocab", at.stored}, {"dim", at.size}});
  }
  add_sum(nodes, before + "positions.sum", rows, at.size);
}

}  // namespace

std::int64_t Waveform::samples(std::int64_t frames) const {
  std::int64_t length = frames;
  for (auto c = convolutions.rbegin(); c != convolutions.rend(); ++c) {
    length = checked_add(checked_multiply(length - 1, c->stride), c->taps);
  }
  return length;
}

void add_embedding(NodeList& nodes, const Transformer& t, std::int64_t batch, std::int64_t tokens,
                   const std::string& before) {
  const std::int64_t rows = product(batch, tokens);
  const std::int64_t size = t.embedding_size > 0 ? t.embedding_size : t.hidden;
  const bool frames = t.spectrum.frames > 0 && before.empty();
  nodes.enter("");
  if (t.patches.patch > 0) {
    add_patches(nodes, t, batch);
  } else if (!t.waveform.convolutions.empty()) {
    add_waveform(nodes, t, batch, tokens);
  } else if (frames) {
    add_spectrum(nodes, t, batch);
  } else {
    add_tokens(nodes, t, rows, before);
  }
  const auto project = [&] {
    if (size != t.hidden) {
      nodes.linear(before + "embedding.projection", rows, size, t.hidden, t.embedding_bias);
    }
  };
  // With a way back (OPT), positions are of the layers' size.
  const bool first = t.projected_output;
  if (first) {
    project();
  }
  if (t.positions == Positions::learned || t.positions == Positions::fixed) {
    const bool looked_up = t.patches.patch == 0 && !frames;
    add_positions(nodes, t,
                  {batch, tokens, first ? t.hidden : size, looked_up ? t.positions_stored : tokens,
                   looked_up},
                  before);
  }
  if (t.token_types > 0) {
    nodes.add("types", "embedding", {{"mb", rows}, {"vocab", t.token_types}, {"dim", size}});
    nodes.parameters(product(t.token_types, size));
    add_sum(nodes, "types.sum", rows, size);
  }
  if (t.scaled_embedding && !frames) {
    nodes.add(before + "embedding.scale", "mul", fmt::format("{}x{}:1x1", rows, size));
  }
  if (t.embedding_norm) {
    add_norm(nodes, t, before + "embedding.norm", rows, size);
  }
  if (!first) {
    project();
  }
}

}  // namespace flopmeter::models
