// Every loop of the table is disassembled, on any CPU: nothing is run here.
#include "bench/machine/peak_code.h"

#include <Zydis/Zydis.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace flopmeter {
namespace {

struct Decoded {
  std::string mnemonic;
  std::string target;  // the register that it writes
  int bits;            // of that register
  bool evex;
};

std::vector<Decoded> disassemble(std::span<const std::uint8_t> bytes) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  std::vector<Decoded> all;
  while (!bytes.empty()) {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder, bytes.data(), bytes.size(), &instruction, operands))) {
      ADD_FAILURE() << "not an instruction";
      return all;
    }
    const bool writes = operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER;
    all.push_back({ZydisMnemonicGetString(instruction.mnemonic),
                   writes ? ZydisRegisterGetString(operands[0].reg.value) : "",
                   writes ? operands[0].size : 0,
                   instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX});
    bytes = bytes.subspan(instruction.length);
  }
  return all;
}

using Counts = std::map<std::string, std::int64_t>;

Counts counts_of(std::span<const Decoded> instructions) {
  Counts counts;
  for (const Decoded& one : instructions) {
    ++counts[one.mnemonic];
  }
  return counts;
}

/// `times` times the steps of a row, and what closes the loop.
Counts expected_counts(const PeakSpec& spec, std::int64_t times) {
  Counts counts{{"dec", 1}, {"jnz", 1}};
  for (const PeakStep& step : spec.steps) {
    counts[std::string(step.mnemonic)] += times;
  }
  return counts;
}

void with_every_peak(const std::function<void(const PeakSpec&)>& check) {
  for (const PeakSpec& spec : peak_specs()) {
    SCOPED_TRACE(spec.name());
    check(spec);
  }
}

// Prevents a loop with an instruction too many or too few, or another one than its row names.
TEST(EveryPeakLoop, IsExactlyItsRow) {
  with_every_peak([](const PeakSpec& spec) {
    const PeakCode code(spec);
    const auto found = disassemble(code.loop());
    const auto steps = static_cast<std::int64_t>(spec.steps.size());
    EXPECT_EQ(spec.instructions() % steps, 0);
    EXPECT_EQ(counts_of(found), expected_counts(spec, spec.instructions() / steps));
    ASSERT_EQ(static_cast<std::int64_t>(found.size()), spec.instructions() + 2);
    EXPECT_EQ(found[found.size() - 2].mnemonic, "dec");
    EXPECT_EQ(found[found.size() - 2].target, "rdi");
    EXPECT_EQ(found.back().mnemonic, "jnz");
  });
}

// Prevents accumulators that wait for each other, and registers of another width. The last step of
// each of a row's accumulators writes it, in turn.
TEST(EveryPeakLoop, HasDistinctAccumulatorsOfItsWidth) {
  with_every_peak([](const PeakSpec& spec) {
    const PeakCode code(spec);
    const auto found = disassemble(code.loop());
    const auto step = static_cast<std::size_t>(spec.steps_of_one());
    const auto accumulators = static_cast<std::size_t>(spec.accumulators());
    std::set<std::string> first_round;
    for (std::size_t i = 0; i + 2 < found.size(); ++i) {
      EXPECT_EQ(found[i].bits, spec.bits) << found[i].mnemonic;
    }
    for (std::size_t i = 0; i < accumulators; ++i) {
      first_round.insert(found[i * step + step - 1].target);
    }
    EXPECT_EQ(first_round.size(), accumulators);
    for (std::size_t i = accumulators * step; i + 2 < found.size(); ++i) {
      EXPECT_EQ(found[i].target, found[i - accumulators * step].target);
    }
  });
}

// Prevents VEX instructions that need AVX-512, and EVEX ones that claim to be AVX-VNNI.
TEST(EveryPeakLoop, IsEncodedAsItsFeatureSays) {
  with_every_peak([](const PeakSpec& spec) {
    const PeakCode code(spec);
    const auto found = disassemble(code.loop());
    const bool evex = to_string(spec.needs).starts_with("avx512");
    for (std::size_t i = 0; i + 2 < found.size(); ++i) {
      EXPECT_EQ(found[i].evex, evex) << found[i].mnemonic;
    }
  });
}

// Prevents a latency of instructions that run beside each other.
TEST(EveryPeakLoop, ChainWritesOneAccumulator) {
  with_every_peak([](const PeakSpec& spec) {
    const PeakCode code(spec, PeakLoopKind::latency);
    const auto found = disassemble(code.loop());
    EXPECT_EQ(counts_of(found), expected_counts(spec, PeakCode::rounds_of_chain(spec)));
    std::set<std::string> targets;
    for (std::size_t i = spec.steps.size() - 1; i + 2 < found.size(); i += spec.steps.size()) {
      targets.insert(found[i].target);
    }
    EXPECT_EQ(targets.size(), 1U);
  });
}

// Prevents a clock of other instructions than the row's, and additions that do not wait for each
// other.
TEST(EveryPeakLoop, HasAChainOfAdditionsForItsClock) {
  constexpr int additions = 250;
  with_every_peak([](const PeakSpec& spec) {
    const PeakCode code(spec, PeakLoopKind::clock, additions);
    std::vector<Decoded> found = disassemble(code.loop());
    const auto chain = std::ranges::stable_partition(
        found, [](const Decoded& one) { return one.mnemonic != "add"; });
    EXPECT_EQ(chain.size(), static_cast<std::size_t>(additions));
    for (const Decoded& one : chain) {
      EXPECT_EQ(one.target, "r8");
    }
    found.erase(chain.begin(), chain.end());
    const auto steps = static_cast<std::int64_t>(spec.steps.size());
    EXPECT_EQ(counts_of(found), expected_counts(spec, spec.instructions() / steps));
  });
}

// The code of one loop, byte by byte as text: what a reader can check by eye.
TEST(PeakCode, GoldenTiles) {
  const auto tiles = std::ranges::find(peak_specs(), "tile", &PeakSpec::width);
  ASSERT_NE(tiles, peak_specs().end());
  const PeakCode code(*tiles);
  std::string text;
  for (const Decoded& one : disassemble(code.loop())) {
    text += one.mnemonic + " " + one.target + "\n";
  }
  std::string expected;
  for (int round = 0; round < 16; ++round) {
    for (const char* tile : {"tmm0", "tmm1", "tmm2", "tmm3", "tmm4", "tmm5"}) {
      expected += std::string("tdpbf16ps ") + tile + "\n";
    }
  }
  EXPECT_EQ(text, expected + "dec rdi\njnz \n");
}

}  // namespace
}  // namespace flopmeter
