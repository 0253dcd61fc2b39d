// The rotation of queries and keys as an operator of its own.
#include <array>

#include "models/onnx/bind/heads.h"

namespace flopmeter::onnx {
namespace {

/// Rows of a table of angles for each token, batch x tokens x angles: those of its positions, or all there are.
Value of_tokens(Steps& steps, const Binding& b, std::size_t table, std::size_t positions,
                std::int64_t batch, std::int64_t tokens) {
  const Value angles = steps.in(table);
  if (!b.view.has(positions)) {
    if (angles.dims.size() != 3) {
      bad_input("its tables have {} dimensions and there are no positions", angles.dims.size());
    }
    return angles;
  }
  b.draw(positions, {0, 0, angles.dims[0]});
  Value places = steps.in(positions);
  if (places.count() == 1 && tokens > 1) {
    // The position of the first.
    std::vector<float> all(static_cast<std::size_t>(tokens));
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = static_cast<float>(i);
    }
    b.draw(positions, {0, 0, 1});
    places = steps.two("add", steps.constant({tokens}, std::move(all)), Steps::view(places, {1}));
  }
  const std::int64_t rows = places.count() / tokens;
  if (rows != 1 && rows != batch) {
    bad_input("{} positions for {} sequences of {} tokens", places.count(), batch, tokens);
  }
  return Steps::view(steps.gather(angles, 0, Steps::view(places, {rows * tokens})),
                     {rows, tokens, angles.dims[1]});
}

/// `tables`: where the cosines are, the sines behind them.
void bind_rotary(const Binding& b, std::size_t tables, std::size_t positions) {
  if (!b.lowered.reason.empty()) {
    bad_input("{}", b.lowered.reason);
  }
  if (b.view.integer("is_packed_batching", 0) != 0 || b.view.real("scale", 1) != 1) {
    bad_input("with packed batches or a scale it is not run");
  }
  b.draw(tables, {-1, 1});
  b.draw(tables + 1, {-1, 1});
  Steps steps(b);
  const Value x = steps.in(0);
  const bool by_heads = x.dims.size() == 4;
  const std::int64_t tokens = x.dims[by_heads ? 2 : 1];
  const Value cosines = of_tokens(steps, b, tables, positions, x.dims[0], tokens);
  const Value sines = of_tokens(steps, b, tables + 1, positions, x.dims[0], tokens);
  const std::int64_t angles = cosines.dims[2];
  const std::int64_t given = b.view.integer("num_heads", 0);
  const std::int64_t size = by_heads ? x.dims[3] : given > 0 ? x.dims[2] / given : 2 * angles;
  const std::int64_t turned = b.view.integer("rotary_embedding_dim", 0);
  if (2 * angles != (turned == 0 ? size : turned)) {
    bad_input("tables of {} angles for {} features", angles, turned == 0 ? size : turned);
  }
  // The axis of heads stands before or behind that of tokens.
  const std::int64_t rows = cosines.dims[0];
  const Sizes table = by_heads ? Sizes{rows, 1, tokens, angles} : Sizes{rows, tokens, 1, angles};
  const Sizes whole = by_heads ? x.dims : Sizes{x.dims[0], tokens, x.dims[2] / size, size};
  steps.finish(
      Steps::view(rotated(steps, Steps::view(x, whole), Steps::view(cosines, table),
                          Steps::view(sines, table), b.view.integer("interleaved", 0) != 0),
                  x.dims));
}

constexpr std::array rotary_rows{
    Binder{"", "RotaryEmbedding", [](const Binding& b) { bind_rotary(b, 1, 3); }},
    Binder{microsoft, "RotaryEmbedding", [](const Binding& b) { bind_rotary(b, 2, 1); }},
};

}  // namespace

std::span<const Binder> rotary_binders() { return rotary_rows; }

}  // namespace flopmeter::onnx
