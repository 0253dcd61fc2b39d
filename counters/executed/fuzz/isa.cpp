#include "counters/executed/fuzz/isa.h"

#include <cpuid.h>

#include <algorithm>
#include <array>

namespace flopmeter::executed::fuzz {
namespace {

struct Leaf {
  unsigned leaf;
  unsigned subleaf;
  unsigned which;  // of eax, ebx, ecx, edx
};
constexpr Leaf leaf1_c{1, 0, 2};
constexpr Leaf leaf7_b{7, 0, 1};
constexpr Leaf leaf7_c{7, 0, 2};
constexpr Leaf leaf7_d{7, 0, 3};
constexpr Leaf leaf7_1_a{7, 1, 0};

// The bits of extended control register 0.
constexpr std::uint64_t sse_state = 0x2;
constexpr std::uint64_t avx_state = 0x6;
constexpr std::uint64_t avx512_state = 0xe6;
constexpr std::uint64_t tile_state = 0x60006;

struct Need {
  Isa isa;
  Leaf leaf;
  std::uint32_t bits;
  std::uint64_t state;
};

constexpr std::uint32_t bit(unsigned i) { return 1U << i; }

constexpr std::array needs{
    Need{Isa::movbe, leaf1_c, bit(22), sse_state},
    Need{Isa::adx, leaf7_b, bit(19), sse_state},
    Need{Isa::bmi, leaf7_b, bit(3) | bit(8), avx_state},
    Need{Isa::f16c, leaf1_c, bit(29), avx_state},
    Need{Isa::avx, leaf1_c, bit(28), avx_state},
    Need{Isa::avx2, leaf7_b, bit(5), avx_state},
    Need{Isa::fma, leaf1_c, bit(12), avx_state},
    Need{Isa::avx_vnni, leaf7_1_a, bit(4), avx_state},
    Need{Isa::avx512, leaf7_b, bit(16) | bit(17) | bit(28) | bit(30) | bit(31), avx512_state},
    Need{Isa::vbmi2, leaf7_c, bit(6), avx512_state},
    Need{Isa::avx512_vnni, leaf7_c, bit(11), avx512_state},
    Need{Isa::avx512_bf16, leaf7_1_a, bit(5), avx512_state},
    Need{Isa::avx512_fp16, leaf7_d, bit(23), avx512_state},
    Need{Isa::amx, leaf7_d, bit(22) | bit(24) | bit(25), tile_state},
};

std::uint32_t read(const Leaf& leaf) {
  std::array<unsigned, 4> registers{};
  if (__get_cpuid_count(leaf.leaf, leaf.subleaf, &registers[0], &registers[1], &registers[2],
                        &registers[3]) == 0)
    return 0;
  return registers.at(leaf.which);
}

std::uint64_t enabled_state() {
  if ((read(leaf1_c) & bit(27)) == 0) return 0;  // no xgetbv
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

bool has(Isa isa) {
  const std::uint64_t state = enabled_state();
  return std::ranges::all_of(needs, [&](const Need& need) {
    return need.isa != isa ||
           ((read(need.leaf) & need.bits) == need.bits && (state & need.state) == need.state);
  });
}

}  // namespace flopmeter::executed::fuzz
