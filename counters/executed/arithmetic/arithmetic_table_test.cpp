#include "counters/executed/arithmetic/arithmetic_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string>

#include "counters/executed/arithmetic/every_instruction.h"
#include "counters/executed/arithmetic/mnemonics.h"
#include "counters/executed/arithmetic/names.h"
#include "counters/executed/arithmetic/not_counted_list.h"

namespace flopmeter::executed {
namespace {

using Words = std::set<std::string>;

// Instruction sets and categories that hold arithmetic on vector or floating-point elements. AMD's
// XOP and 3DNow! and the coprocessor Knights Corner are left out: today's 64-bit CPUs have none.
constexpr std::array<std::string_view, 8> isa_sets{"SSE",  "SSSE3", "AVX", "FMA",
                                                   "F16C", "AMX",   "X87", "PENTIUMMMX"};
const std::set<std::string_view> other_categories{
    "AES",        "BLEND",   "BROADCAST", "COMPRESS", "CONFLICT",   "DATAXFER",  "EXPAND",
    "GATHER",     "GFNI",    "KMASK",     "LOGICAL",  "LOGICAL_FP", "PCLMULQDQ", "PREFETCH",
    "AVX2GATHER", "SCATTER", "STTNI",     "VAES",     "VBMI2",      "VPCLMULQDQ"};

bool may_be_arithmetic(const ZydisDecodedInstruction& instruction) {
  const std::string_view set = ZydisISASetGetString(instruction.meta.isa_set);
  const std::string_view category = ZydisCategoryGetString(instruction.meta.category);
  const bool in_set = category == "X87_ALU" || std::ranges::any_of(isa_sets, [&](auto prefix) {
                        return set.starts_with(prefix);
                      });
  return in_set && !other_categories.contains(category);
}

Words words_of_table() {
  Words words;
  for (const Row& row : arithmetic_table()) {
    for_each_mnemonic(row.mnemonics, [&](std::string_view word) { words.emplace(word); });
  }
  return words;
}

Words words_not_counted() {
  Words words;
  for (const std::string_view list : not_counted) {
    for_each_mnemonic(list, [&](std::string_view word) { words.emplace(word); });
  }
  return words;
}

/// Every mnemonic that 64-bit code can hold, and those of them that must be in a list.
struct Sweep {
  Words counted;
  Words candidates;
};

Sweep sweep() {
  Sweep result;
  for_each_instruction(
      [&](const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand* operands) {
        const char* const mnemonic = ZydisMnemonicGetString(instruction.mnemonic);
        if (arithmetic_of(instruction, operands).size > 0) {
          result.counted.insert(mnemonic);
        }
        if (may_be_arithmetic(instruction)) {
          result.candidates.insert(mnemonic);
        }
      });
  return result;
}

Words difference(const Words& a, const Words& b) {
  Words result;
  std::ranges::set_difference(a, b, std::inserter(result, result.end()));
  return result;
}

// A mnemonic that a newer Zydis knows, or that the table forgot, would silently count as nothing.
TEST(ArithmeticTable, EveryVectorMnemonicIsListedAsCountedOrNot) {
  const Sweep swept = sweep();
  const Words table = words_of_table();
  EXPECT_EQ(difference(difference(swept.candidates, table), words_not_counted()), Words{});
  EXPECT_EQ(difference(words_not_counted(), swept.candidates), Words{});
  EXPECT_EQ(difference(swept.counted, table), Words{});
  // Instruction sets younger than Zydis 4.0.0: AVX-VNNI-INT8, AVX-VNNI-INT16, AMX-FP16 and
  // AVX-NE-CONVERT.
  const Words too_new{"tdpfp16ps",    "vpdpbssd",       "vpdpbssds",    "vpdpbsud",
                      "vpdpbsuds",    "vpdpbuud",       "vpdpbuuds",    "vpdpwsud",
                      "vpdpwsuds",    "vpdpwusd",       "vpdpwusds",    "vpdpwuud",
                      "vpdpwuuds",    "vcvtneebf162ps", "vcvtneeph2ps", "vcvtneobf162ps",
                      "vcvtneoph2ps", "vbcstnebf162ps", "vbcstnesh2ps"};
  EXPECT_THAT(difference(table, swept.counted), testing::IsSubsetOf(too_new));
}

TEST(ArithmeticTable, NothingIsBothCountedAndNot) {
  const Words table = words_of_table();
  for (const std::string& word : words_not_counted()) {
    EXPECT_FALSE(table.contains(word)) << word;
  }
}

// A cell of Totals exists for powers of two only.
TEST(ArithmeticTable, EveryFormHasACell) {
  for_each_instruction([](const ZydisDecodedInstruction& instruction,
                          const ZydisDecodedOperand* operands) {
    for (const Arithmetic& one : arithmetic_of(instruction, operands)) {
      const bool tiles = instruction.meta.category == ZYDIS_CATEGORY_AMX_TILE;
      const bool fits = one.operation != Operation::none && one.element != Element::none &&
                        std::popcount(one.lanes) == (tiles ? 0 : 1) && one.lanes <= 64 &&
                        std::has_single_bit(one.products) && one.products <= 4 && one.mask <= 7;
      ASSERT_TRUE(fits) << ZydisMnemonicGetString(instruction.mnemonic) << ": " << to_string(one);
    }
  });
}

/// The fewest elements in a vector register of the instruction; 0 with an operand in memory.
int fewest_elements(const ZydisDecodedInstruction& instruction,
                    const ZydisDecodedOperand* operands) {
  int fewest = 64;
  for (const auto* operand = operands; operand != operands + instruction.operand_count_visible;
       ++operand) {
    if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
      return 0;
    }
    if (operand->size >= 128 && operand->element_count > 0) {
      fewest = std::min<int>(fewest, operand->element_count);
    }
  }
  return fewest;
}

// A second opinion on the lanes of what no assembled form covers. Left out is where Zydis has it
// otherwise: narrow results in 128 bits, sums along the register, and two sources side by side.
TEST(ArithmeticTable, LanesAreTheElementsThatZydisTells) {
  const Words otherwise{"vdpps", "vcvtne2ps2bf16"};
  int compared = 0;
  for_each_instruction(
      [&](const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand* operands) {
        const char* const mnemonic = ZydisMnemonicGetString(instruction.mnemonic);
        const int elements = fewest_elements(instruction, operands);
        if (instruction.avx.vector_length < 256 || elements == 0 || otherwise.contains(mnemonic)) {
          return;
        }
        for (const Arithmetic& one : arithmetic_of(instruction, operands)) {
          if (one.lanes != 1) {
            ++compared;
            ASSERT_EQ(one.lanes, elements) << mnemonic;
          }
        }
      });
  EXPECT_GT(compared, 1000);
}

TEST(Mnemonics, AreFoundByName) {
  EXPECT_EQ(find_mnemonic("aaa"), ZYDIS_MNEMONIC_AAA);
  EXPECT_EQ(find_mnemonic("vfmadd231ps"), ZYDIS_MNEMONIC_VFMADD231PS);
  EXPECT_EQ(find_mnemonic("xtest"), ZYDIS_MNEMONIC_XTEST);
  EXPECT_EQ(find_mnemonic("addp"), ZYDIS_MNEMONIC_INVALID);
  EXPECT_EQ(find_mnemonic("zzz"), ZYDIS_MNEMONIC_INVALID);
}

TEST(Mnemonics, ListsAreSplitAtSpaces) {
  std::vector<std::string_view> words;
  for_each_mnemonic("a bc d", [&](std::string_view word) { words.push_back(word); });
  EXPECT_THAT(words, testing::ElementsAre("a", "bc", "d"));
}

}  // namespace
}  // namespace flopmeter::executed
