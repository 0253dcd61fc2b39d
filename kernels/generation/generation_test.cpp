// Stored weights against their numbers, products and attention against plain loops.
#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "kernels/generation/attend.h"
#include "kernels/generation/dot.h"
#include "kernels/generation/lanes.h"
#include "kernels/generation/product.h"
#include "kernels/generation/rows.h"

namespace flopmeter::generation {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatEq;

std::vector<float> drawn(std::int64_t n, std::uint64_t seed) {
  std::vector<float> numbers(static_cast<std::size_t>(n));
  Memory memory(4 * n);
  draw(Format::f32, 1, seed, n, memory.data());
  unpack(Format::f32, memory.data(), n, numbers.data());
  return numbers;
}

/// Drawn weights with the memory that they lie in.
struct Stored {
  Memory memory;
  Matrix w;

  Stored(Format format, std::int64_t rows, std::int64_t columns) : w{format, rows, columns, {}} {
    memory = Memory(w.bytes());
    w.data = memory.data();
    draw(format, 1, 3, rows * columns, memory.data());
  }
  std::vector<float> row(std::int64_t i) const {
    std::vector<float> numbers(static_cast<std::size_t>(w.columns));
    unpack(w.format, w.row(i), w.columns, numbers.data());
    return numbers;
  }
};

double product(const std::vector<float>& a, const float* b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

TEST(Generation, HalfPrecision) {
  for (const float x : {1.0F, -0.5F, 65504.0F, 6.1035156e-05F, 5.9604645e-08F, 4.5776367e-05F}) {
    const std::uint16_t bits = f16_of(x);
    EXPECT_EQ(float_of_f16(reinterpret_cast<const std::byte*>(&bits)), x);
  }
  EXPECT_EQ(float_of_bf16(bf16_of(1.00390625F)), 1);  // half way: to the even one
}

// d = 1/2: the bytes 1 and -2 are 0.5 and -1.
TEST(Generation, Q8_0ByHand) {
  std::array<std::byte, 34> block{};
  const std::uint16_t half = f16_of(0.5F);
  std::memcpy(block.data(), &half, 2);
  block[2] = std::byte{1};
  block[33] = std::byte{254};
  std::array<float, 32> w{};
  unpack(Format::q8_0, block.data(), 32, w.data());
  EXPECT_EQ(w[0], 0.5F);
  EXPECT_EQ(w[1], 0);
  EXPECT_EQ(w[31], -1);
}

// The lower half of byte 0 is weight 0, the upper one weight 16; 8 stands for 0.
TEST(Generation, Q4_0ByHand) {
  std::array<std::byte, 18> block{};
  const std::uint16_t one = f16_of(1);
  std::memcpy(block.data(), &one, 2);
  block[2] = std::byte{0x9F};
  std::array<float, 32> w{};
  unpack(Format::q4_0, block.data(), 32, w.data());
  EXPECT_EQ(w[0], 7);
  EXPECT_EQ(w[16], 1);
  EXPECT_EQ(w[1], -8);
}

// s of block 0 is 3, t 5; of block 4 the upper two bits lie beside them: s = 1 + 2 * 16.
TEST(Generation, Q4_KByHand) {
  std::array<std::byte, 144> block{};
  const std::array<std::uint16_t, 2> scales{f16_of(2), f16_of(1)};
  std::memcpy(block.data(), scales.data(), 4);
  block[4] = std::byte{0x80 | 3};
  block[8] = std::byte{5};
  block[12] = std::byte{1};
  block[16] = std::byte{4};       // weight 0
  block[16 + 64] = std::byte{2};  // weight 128, of block 4
  std::vector<float> w(256);
  unpack(Format::q4_k, block.data(), 256, w.data());
  EXPECT_EQ(w[0], 2 * 3 * 4 - 5);
  EXPECT_EQ(w[1], -5);
  EXPECT_EQ(w[128], 2 * 33 * 2);
}

// Weight 96 has its upper half in byte 32 and its pair in the upper bits of byte 128.
TEST(Generation, Q6_KByHand) {
  std::array<std::byte, 210> block{};
  const std::uint16_t one = f16_of(1);
  std::memcpy(block.data() + 208, &one, 2);
  block[32] = std::byte{0x50};
  block[128] = std::byte{0xC0};
  block[192 + 6] = std::byte{254};
  std::vector<float> w(256);
  unpack(Format::q6_k, block.data(), 256, w.data());
  EXPECT_EQ(w[96], -2 * (5 + 3 * 16 - 32));
  EXPECT_EQ(w[0], 0);
}

TEST(Generation, DrawnWeightsHaveTheirDeviation) {
  for (const FormatInfo& of : formats()) {
    for (const double deviation : {1.0, 0.01}) {
      Memory memory(of.bytes * 64 * 256 / of.block);
      draw(of.format, deviation, 5, 64 * 256, memory.data());
      std::vector<float> w(64 * 256);
      unpack(of.format, memory.data(), 64 * 256, w.data());
      const double squares = product(w, w.data());
      EXPECT_NEAR(std::sqrt(squares / (64 * 256)) / deviation, 1, 0.1) << of.name;
    }
  }
}

TEST(Generation, PackedToTheNearest) {
  const std::vector<float> x = drawn(64, 9);
  for (const auto& [format, error] : {std::pair{Format::q8_0, 0.01}, std::pair{Format::q4_0, 0.15},
                                      std::pair{Format::bf16, 0.005}}) {
    Memory memory(1024);
    std::vector<float> back(64);
    ASSERT_TRUE(pack(format, x.data(), 64, memory.data()));
    unpack(format, memory.data(), 64, back.data());
    for (std::size_t i = 0; i < 64; ++i) {
      EXPECT_NEAR(back[i], x[i], error * 1.8);
    }
  }
  EXPECT_FALSE(pack(Format::q4_k, x.data(), 64, nullptr));
}

// Few rows of x run on stored weights, many on panels; rows of weights that four do not divide; biases and sums.
TEST(Generation, ProductsAgreeWithLoops) {
  for (const FormatInfo& of : formats()) {
    const Stored weights(of.format, 70, 512);
    const std::vector<float> bias = drawn(70, 4);
    for (const std::int64_t rows : {1, 3, 9}) {
      const std::vector<float> x = drawn(rows * 512, 6);
      for (const int threads : {1, 3}) {
        std::vector<float> y(static_cast<std::size_t>(rows * 70), 2.0F);
        StoredProducts products({{weights.w, bias.data(), y.data(), 70, true}}, x.data(), 512,
                                rows);
        products.run(threads);
        for (std::int64_t i = 0; i < rows * 70; ++i) {
          const double truth = 2 + static_cast<double>(bias[static_cast<std::size_t>(i % 70)]) +
                               product(weights.row(i % 70), x.data() + i / 70 * 512);
          ASSERT_NEAR(y[static_cast<std::size_t>(i)], truth, 1e-3) << of.name << " " << rows;
        }
      }
    }
  }
}

TEST(Generation, RowsThatNoVectorDivides) {
  const Stored weights(Format::bf16, 5, 13);
  const std::vector<float> x = drawn(13, 6);
  std::vector<float> y(5);
  StoredProducts products({{weights.w, nullptr, y.data(), 5, false}}, x.data(), 13, 1);
  products.run(2);
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(y[static_cast<std::size_t>(i)], product(weights.row(i), x.data()), 1e-5);
  }
}

/// Attention by its definition over keys and values that were appended.
struct Attended {
  std::int64_t heads = 6, kv_heads = 2, size = 20, value_size = 24, past = 150, tokens = 3;
  std::int64_t batch = 2;
  std::vector<float> q = drawn(batch * tokens * heads * size, 1);
  std::vector<float> k = drawn(batch * kv_heads * (past + tokens) * size, 2);
  std::vector<float> v = drawn(batch * kv_heads * (past + tokens) * value_size, 3);

  const float* at(const std::vector<float>& of, std::int64_t b, std::int64_t h, std::int64_t p,
                  std::int64_t n) const {
    return of.data() + ((b * kv_heads + h) * (past + tokens) + p) * n;
  }

  std::vector<float> run(AttendShape shape, int threads) {
    KeyValueCache cache({batch, kv_heads, past + tokens, size, value_size, CacheType::f32});
    for (std::int64_t b = 0; b < batch; ++b) {
      for (std::int64_t h = 0; h < kv_heads; ++h) {
        for (std::int64_t p = 0; p < past + tokens; ++p) {
          cache.append(b, h, p, at(k, b, h, p, size), at(v, b, h, p, value_size));
        }
      }
    }
    std::vector<float> y(static_cast<std::size_t>(batch * tokens * heads * value_size));
    Attend(cache, shape, q.data(), y.data(), threads).run();
    return y;
  }

  double largest_error(const AttendShape& shape, int threads) {
    const std::vector<float> y = run(shape, threads);
    double worst = 0;
    for (std::int64_t i = 0; i < batch * tokens * heads; ++i) {
      const std::int64_t b = i / (tokens * heads);
      const std::int64_t head = i % heads;
      const std::int64_t position = past + i / heads % tokens;
      const std::int64_t from =
          shape.window > 0 ? std::max<std::int64_t>(0, position - shape.window + 1) : 0;
      std::vector<double> sums(static_cast<std::size_t>(value_size));
      double all = shape.sinks != nullptr ? std::exp(static_cast<double>(shape.sinks[head])) : 0;
      for (std::int64_t p = from; p <= position; ++p) {
        const float* key = at(k, b, head / (heads / kv_heads), p, size);
        double score =
            product({key, key + size}, q.data() + i * size) * static_cast<double>(shape.scale);
        if (shape.softcap > 0) {
          const auto most = static_cast<double>(shape.softcap);
          score = most * std::tanh(score / most);
        }
        all += std::exp(score);
        for (std::int64_t c = 0; c < value_size; ++c) {
          sums[static_cast<std::size_t>(c)] +=
              std::exp(score) *
              static_cast<double>(at(v, b, head / (heads / kv_heads), p, value_size)[c]);
        }
      }
      for (std::int64_t c = 0; c < value_size; ++c) {
        worst = std::max(
            worst, std::abs(sums[static_cast<std::size_t>(c)] / all -
                            static_cast<double>(y[static_cast<std::size_t>(i * value_size + c)])));
      }
    }
    return worst;
  }
};

// One thread, as many as there are units, and so many that keys are divided; windows that begin inside of 16 keys.
TEST(Generation, AttentionAgreesWithItsDefinition) {
  Attended attended;
  const std::vector<float> sinks = drawn(6, 8);
  for (const int threads : {1, 4, 23}) {
    AttendShape shape{.tokens = 3, .past = 150, .heads = 6, .scale = 0.3F};
    EXPECT_LT(attended.largest_error(shape, threads), 1e-5);
    shape.window = 37;
    EXPECT_LT(attended.largest_error(shape, threads), 1e-5);
    shape.softcap = 2;
    shape.sinks = sinks.data();
    EXPECT_LT(attended.largest_error(shape, threads), 1e-5);
  }
}

// Of 16 positions at a time the capacity is a multiple; values are padded to 32.
TEST(Generation, CacheBytes) {
  const KeyValueCache cache({1, 2, 17, 20, 24, CacheType::bf16});
  EXPECT_EQ(cache.shape().capacity, 32);
  EXPECT_EQ(cache.shape().token_bytes(), 2 * (20 + 32) * 2);
  EXPECT_EQ(cache.shape().bytes(), 32 * 2 * (20 + 32) * 2);
  std::vector<float> q(40), y(48);
  const Attend attend(cache, {.tokens = 1, .past = 16, .heads = 2, .window = 5}, q.data(), y.data(),
                      1);
  EXPECT_EQ(attend.cache_bytes(), 5 * 2 * (20 + 32) * 2);
}

// x = 3, 4: the mean square is 12.5, the variance 0.25.
TEST(Generation, Norms) {
  const std::array<float, 2> x{3, 4}, scale{1, 2}, shift{0, 1};
  std::array<float, 2> y{};
  NormRow{NormKind::rms, 2, 0, scale.data(), nullptr}(x.data(), y.data());
  EXPECT_THAT(y, ElementsAre(FloatEq(3 / std::sqrt(12.5F)), FloatEq(8 / std::sqrt(12.5F))));
  NormRow{NormKind::layer, 2, 0, scale.data(), shift.data()}(x.data(), y.data());
  EXPECT_THAT(y, ElementsAre(FloatEq(-1), FloatEq(3)));
}

// Position 1 turns the first pair by 1 radian; the second by base^(-1/2).
TEST(Generation, RotaryPairs) {
  std::array<float, 5> halves{1, 0, 0, 0, 9};
  Rotary(4, 2, 100, false).turn(1, halves.data());
  EXPECT_THAT(halves, ElementsAre(FloatEq(std::cos(1.0F)), 0, FloatEq(std::sin(1.0F)), 0, 9));
  std::array<float, 4> neighbours{0, 0, 1, 0};
  Rotary(4, 2, 100, true).turn(1, neighbours.data());
  EXPECT_THAT(neighbours, ElementsAre(0, 0, FloatEq(std::cos(0.1F)), FloatEq(std::sin(0.1F))));
}

TEST(Generation, Activations) {
  std::vector<float> y(5, 1.0F);
  const std::vector<float> with(5, 2.0F);
  activate(ActivationKind::silu, 5, with.data(), y.data());
  EXPECT_THAT(y, Each(FloatEq(2 / (1 + std::exp(-1.0F)))));
  y.assign(5, 1.0F);
  activate(ActivationKind::gelu_erf, 5, nullptr, y.data());
  EXPECT_THAT(y, Each(FloatEq(0.84134475F)));
}

}  // namespace
}  // namespace flopmeter::generation
