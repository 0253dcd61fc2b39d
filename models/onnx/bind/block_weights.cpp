// Products with weights of few bits in blocks that share a scale: the weights become numbers before the run.
#include <array>
#include <cmath>

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {
namespace {

/// N rows of K weights in blocks, packed as com.microsoft.MatMulNBits has them.
struct BlockWeights {
  std::int64_t rows, columns, block, bits;
  Numbers codes, scales,
      zeros;  // bytes; one a block; packed likewise or one number a block, may be none
  bool packed_zeros = false;

  std::int64_t blocks() const { return (columns + block - 1) / block; }
  /// Of a row of packed codes, the lower bits of a byte first.
  int code(const std::vector<float>& bytes, std::int64_t row_bytes, std::int64_t row,
           std::int64_t i) const {
    const auto byte =
        static_cast<unsigned>(bytes[static_cast<std::size_t>(row * row_bytes + i * bits / 8)]);
    return static_cast<int>((byte >> static_cast<unsigned>(i * bits % 8)) & ((1U << bits) - 1));
  }

  std::vector<float> operator()() const {
    const std::vector<float> bytes = codes();
    const std::vector<float> scale = scales();
    const std::vector<float> zero = zeros ? zeros() : std::vector<float>();
    const std::int64_t block_bytes = block * bits / 8;
    const std::int64_t zero_bytes = (blocks() * bits + 7) / 8;
    std::vector<float> all;
    all.reserve(static_cast<std::size_t>(rows * columns));
    for (std::int64_t n = 0; n < rows; ++n) {
      for (std::int64_t k = 0; k < columns; ++k) {
        const std::int64_t at = n * blocks() + k / block;
        const float middle = zero.empty() ? std::ldexp(1.0F, static_cast<int>(bits - 1))
                             : packed_zeros
                                 ? static_cast<float>(code(zero, zero_bytes, n, k / block))
                                 : zero[static_cast<std::size_t>(at)];
        const int one = code(bytes, block_bytes, at, k % block);
        all.push_back((static_cast<float>(one) - middle) * scale[static_cast<std::size_t>(at)]);
      }
    }
    return all;
  }
};

Numbers constant_numbers(const Binding& b, std::size_t input) {
  if (!b.builder.is_constant(b.in(input))) {
    bad_input("with weights that a run computes it is not run");
  }
  return b.builder.numbers(b.in(input));
}

void bind_block_weights(const Binding& b) {
  if (!b.lowered.reason.empty()) {
    bad_input("{}", b.lowered.reason);
  }
  BlockWeights w{.rows = b.view.required("N"),
                 .columns = b.view.required("K"),
                 .block = b.view.required("block_size"),
                 .bits = b.view.integer("bits", 4),
                 .codes = {},
                 .scales = {},
                 .zeros = {}};
  if (w.bits != 2 && w.bits != 4 && w.bits != 8) {
    bad_input("weights of {} bits are not run", w.bits);
  }
  const std::int64_t bytes = w.rows * w.blocks() * w.block * w.bits / 8;
  if (b.view.count(1) != bytes || b.view.count(2) != w.rows * w.blocks()) {
    bad_input("{} bytes of weights and {} scales: {} and {} are needed", b.view.count(1),
              b.view.count(2), bytes, w.rows * w.blocks());
  }
  // Where the file has none: codes of all values, and a variance of about one over the terms of a product.
  b.draw(1, {.below = 256});
  const double step =
      2 * std::sqrt(3.0 / static_cast<double>(w.columns)) / std::ldexp(1, static_cast<int>(w.bits));
  b.draw(2, {step, step});
  w.codes = constant_numbers(b, 1);
  w.scales = constant_numbers(b, 2);
  if (b.view.has(3)) {
    w.packed_zeros = b.view.in(3).elem == Elem::u8;
    const std::int64_t zeros =
        w.packed_zeros ? w.rows * ((w.blocks() * w.bits + 7) / 8) : w.rows * w.blocks();
    if (b.view.count(3) != zeros) {
      bad_input("{} zero points: {} are needed", b.view.count(3), zeros);
    }
    b.draw(3, w.packed_zeros ? Range{.below = 256}
                             : Range{std::ldexp(1, static_cast<int>(w.bits - 1)),
                                     std::ldexp(1, static_cast<int>(w.bits - 1))});
    w.zeros = constant_numbers(b, 3);
  }
  const Sizes x = b.view.sizes(0);
  Operands operands{{"src", b.in(0)},
                    {"weights", b.builder.constant(fmt::format("{}:weights", b.node.name),
                                                   {w.rows, w.columns}, w)}};
  if (b.view.has(5)) {
    b.draw(5, {-0.1, 0.1});
    operands.emplace_back("bias", b.in(5));
  }
  b.add_last("linear",
             fmt::format("mb{}ic{}oc{}bias{}", product_of(x, 0, x.size() - 1), w.columns, w.rows,
                         b.view.has(5) ? 1 : 0),
             operands);
  b.builder.remark(fmt::format(
      "node '{}' (MatMulNBits): its weights of {} bits are made real numbers before the run: times "
      "are of a product with these, not of one that unpacks",
      b.node.name, w.bits));
}

constexpr std::array block_weight_rows{
    Binder{microsoft, "MatMulNBits", bind_block_weights},
};

}  // namespace

std::span<const Binder> block_weight_binders() { return block_weight_rows; }

}  // namespace flopmeter::onnx
