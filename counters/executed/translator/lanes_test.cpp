// What is known only at run time: the lanes that masks let through, and the shapes of tiles.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <immintrin.h>
#include <sys/mman.h>

#include <bit>

#include "counters/executed/arithmetic/mnemonics.h"
#include "counters/executed/fuzz/code.h"
#include "counters/executed/fuzz/isa.h"
#include "counters/executed/fuzz/random.h"
#include "counters/executed/fuzz/single_step.h"
#include "counters/executed/translator/translator.h"
#include "counters/tile_permission.h"

namespace flopmeter::executed {
namespace {

using fuzz::has;
using fuzz::Isa;
using Function = void (*)(void*);

struct Masked {
  const char* mnemonic;
  Arithmetic arithmetic;  // its mask, too
  ZydisRegister first;    // xmm0, ymm0 or zmm0
  Isa isa;
};

constexpr auto f32 = Element::f32;
constexpr auto multiply = Operation::multiply;
constexpr auto xmm = ZYDIS_REGISTER_XMM0;
constexpr auto ymm = ZYDIS_REGISTER_YMM0;
constexpr auto zmm = ZYDIS_REGISTER_ZMM0;

class MaskedLanes : public testing::TestWithParam<Masked> {
 protected:
  MaskedLanes() {
    at_ = static_cast<std::uint8_t*>(
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
  ~MaskedLanes() override { munmap(at_, bytes); }

  static ZydisEncoderOperand operand(ZydisRegister value) {
    ZydisEncoderOperand result{};
    result.type = ZYDIS_OPERAND_TYPE_REGISTER;
    result.reg.value = value;
    return result;
  }
  static bool arithmetic(fuzz::Code& code, const Masked& masked) {
    ZydisEncoderRequest request{};
    request.machine_mode = ZYDIS_MACHINE_MODE_LONG_64;
    request.allowed_encodings = ZYDIS_ENCODABLE_ENCODING_EVEX;
    request.mnemonic = find_mnemonic(masked.mnemonic);
    request.operand_count = 4;
    request.operands[0] = request.operands[2] = request.operands[3] = operand(masked.first);
    request.operands[1] =
        operand(static_cast<ZydisRegister>(ZYDIS_REGISTER_K0 + masked.arithmetic.mask));
    return code.encode(request);
  }
  // kmovq k, rdi; knotq k, k
  static void set_mask(fuzz::Code& code, std::uint8_t k) {
    code.bytes(0xc4, 0xe1, 0xfb, 0x92, 0xc7 | k << 3U);
  }
  static void invert_mask(fuzz::Code& code, std::uint8_t k) {
    code.bytes(0xc4, 0xe1, 0xf8, 0x44, 0xc0 | k << 3U | k);
  }
  // Twice by the mask, and once by what it leaves out.
  Function function(const Masked& masked) const {
    fuzz::Code code(at_);
    set_mask(code, masked.arithmetic.mask);
    EXPECT_TRUE(arithmetic(code, masked));
    EXPECT_TRUE(arithmetic(code, masked));
    invert_mask(code, masked.arithmetic.mask);
    EXPECT_TRUE(arithmetic(code, masked));
    code.bytes(0xc3);
    mprotect(at_, bytes, PROT_READ | PROT_EXEC);
    return reinterpret_cast<Function>(at_);
  }

 private:
  static constexpr std::size_t bytes = 4096;
  std::uint8_t* at_;
};

TEST_P(MaskedLanes, AreCounted) {
  const Masked& masked = GetParam();
  if (!has(masked.isa)) GTEST_SKIP() << "this CPU has no such instruction";
  const Function run = function(masked);
  const std::int64_t lanes = masked.arithmetic.lanes;
  const std::uint64_t all = (1ULL << lanes) - 1;
  fuzz::Random random(1);
  Translator translator(has_fsgsbase());
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t mask = i == 0 ? 0 : i == 1 ? ~0ULL : random.next();
    translator.reset();
    translator.run(run, reinterpret_cast<void*>(mask));
    const std::int64_t active = std::popcount(mask & all);
    const Cell expected{3, 2 * active + (lanes - active), 3 * lanes};
    ASSERT_EQ(translator.totals().cell(masked.arithmetic), expected) << fmt::format("{:#x}", mask);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, MaskedLanes,
    testing::Values(Masked{"vmulss", {multiply, f32, 1, 1, 1}, xmm, Isa::avx512},
                    Masked{"vmulpd", {multiply, Element::f64, 2, 1, 2}, xmm, Isa::avx512},
                    Masked{"vmulps", {multiply, f32, 4, 1, 3}, xmm, Isa::avx512},
                    Masked{"vmulps", {multiply, f32, 8, 1, 4}, ymm, Isa::avx512},
                    Masked{"vmulps", {multiply, f32, 16, 1, 5}, zmm, Isa::avx512},
                    Masked{"vpmullw", {multiply, Element::i16, 32, 1, 6}, zmm, Isa::avx512},
                    Masked{"vmulph", {multiply, Element::f16, 32, 1, 7}, zmm, Isa::avx512_fp16}),
    [](const auto& one) {
      return fmt::format("{}_x{}", one.param.mnemonic, one.param.arithmetic.lanes);
    });

// Shapes of three tiles, as ldtilecfg reads them.
struct alignas(64) Shapes {
  std::uint8_t palette = 1;
  std::uint8_t start = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};

  /// destination += a . b of `m` x `k` x `n` 32-bit elements
  Shapes(std::uint8_t m, std::uint16_t k, std::uint16_t n) {
    rows[0] = rows[1] = m;
    rows[2] = static_cast<std::uint8_t>(k);
    row_bytes[0] = row_bytes[2] = static_cast<std::uint16_t>(4 * n);
    row_bytes[1] = static_cast<std::uint16_t>(4 * k);
  }
};

bool has_tiles() { return has(Isa::amx) && may_use_tiles(); }

[[gnu::target("amx-tile,amx-bf16,amx-int8")]] void products(const Shapes& shapes, int times) {
  asm volatile("" : : "r"(&shapes) : "memory");  // GCC 12 takes only 8 bytes of it to be read
  _tile_loadconfig(&shapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  for (int i = 0; i < times; ++i) {
    _tile_dpbf16ps(0, 1, 2);
    _tile_dpbusd(0, 1, 2);
  }
}

[[gnu::target("amx-tile,amx-bf16,amx-int8")]] void products_of_two_shapes() {
  products(Shapes(3, 5, 7), 10);
  products(Shapes(16, 16, 16), 2);
  products(Shapes(1, 1, 1), 1);
  _tile_release();
}

TEST(Tiles, OddShapes) {
  if (!has_tiles()) GTEST_SKIP() << "this CPU or operating system has no tiles";
  Translator translator(has_fsgsbase());
  for (std::int64_t run = 1; run <= 3; ++run) {
    translator.run([](void*) { products_of_two_shapes(); }, nullptr);
    const std::int64_t steps = run * (10 * 3 * 5 * 7 + 2 * 16 * 16 * 16 + 1);
    const Cell expected{13 * run, steps, steps};
    const Totals totals = translator.totals();
    EXPECT_EQ(totals.cell({Operation::dot, Element::bf16, 0, 2, 0}), expected);
    EXPECT_EQ(totals.cell({Operation::dot, Element::i8, 0, 4, 0}), expected);
  }
}

// The totals may be read while tiles are in use, and the configuration is left.
TEST(Tiles, StillInUse) {
  if (!has_tiles()) GTEST_SKIP() << "this CPU or operating system has no tiles";
  Translator translator(has_fsgsbase());
  translator.run([](void*) { products(Shapes(2, 3, 4), 5); }, nullptr);
  EXPECT_EQ(translator.totals().cell({Operation::dot, Element::i8, 0, 4, 0}), (Cell{5, 120, 120}));
  translator.run([](void*) { products_of_two_shapes(); }, nullptr);
  EXPECT_EQ(translator.totals().cell({Operation::dot, Element::i8, 0, 4, 0}),
            (Cell{18, 9363, 9363}));
}

TEST(Tiles, AsBySingleSteps) {
  if (!has_tiles()) GTEST_SKIP() << "this CPU or operating system has no tiles";
  Translator translator(has_fsgsbase());
  translator.run([](void*) { products_of_two_shapes(); }, nullptr);
  EXPECT_TRUE(translator.totals() ==
              fuzz::single_step([](void*) { products_of_two_shapes(); }, nullptr));
}

}  // namespace
}  // namespace flopmeter::executed
