#include "kernels/operand.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "counters/op_counts.h"

namespace flopmeter {
namespace {

const std::vector<Operand> operands{{"src", {2, 3}, Role::input},
                                    {"weights", {3, 5}, Role::parameter},
                                    {"bias", {5}, Role::parameter},
                                    {"dst", {2, 5}, Role::output}};

TEST(Operand, SizesAreProducts) {
  EXPECT_EQ(elements(operands[1]), 15);
  EXPECT_EQ(parameter_elements(operands), 20);
  EXPECT_EQ(compulsory_elements(operands), 36);
}

// Prevents a look-up of one row from being charged for the whole table.
TEST(Operand, OnlyWhatIsTouchedMustBeMoved) {
  std::vector<Operand> look_up = operands;
  look_up[1].touched = 5;
  EXPECT_EQ(parameter_elements(look_up), 20);
  EXPECT_EQ(compulsory_elements(look_up), 26);
}

TEST(Operand, OverflowIsReported) {
  const Operand huge{"src", {std::numeric_limits<std::int64_t>::max(), 2}, Role::input};
  EXPECT_THROW(elements(huge), CountOverflow);
}

TEST(Tensors, AreFoundByNameAndAligned) {
  Tensors<float> tensors(operands);
  EXPECT_EQ(tensors["gamma"], nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensors["weights"]) % 64, 0U);
  tensors["dst"][9] = 2;
  EXPECT_EQ(Tensors<double>(tensors)["dst"][9], 2.0);
}

// A zero or a coarse repetition in the fill would let a wrong tap pass unseen.
TEST(Fill, IsVariedAndExactInBf16) {
  Tensors<float> tensors(std::vector<Operand>{{"src", {4096}, Role::input}});
  fill(tensors, 1);
  std::set<float> distinct;
  for (const float value : tensors.entries()[0].data) {
    EXPECT_GE(std::abs(value), 1.0F / 64);
    EXPECT_LT(std::abs(value), 1);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value) & 0xFFFFU, 0U);  // bf16 is the upper half
    distinct.insert(value);
  }
  EXPECT_GT(distinct.size(), 1000U);
}

TEST(Fill, SameSeedSameValuesAndOutputsAreNan) {
  Tensors<float> a(operands);
  Tensors<float> b(operands);
  fill(a, 7);
  fill(b, 7);
  EXPECT_EQ(a.entries()[0].owned, b.entries()[0].owned);
  fill(b, 8);
  EXPECT_NE(a.entries()[0].owned, b.entries()[0].owned);
  EXPECT_TRUE(std::isnan(a["dst"][0]));
}

// Prevents numbers above 1 that bf16 rounds, so that one truth no longer serves every dtype.
TEST(Fill, NumbersFromOneHave8Bits) {
  const Domain domain{Domain::Kind::from_one, 0, 1.0F / 4};
  Tensors<float> tensors{{"src", {1000}, Role::input, domain}};
  fill(tensors, 1);
  for (const float x : tensors.find("src")->data) {
    EXPECT_GE(x, 1);
    EXPECT_LE(x, 1.25F);
    EXPECT_EQ(x * 128, std::rint(x * 128));
  }
}

}  // namespace
}  // namespace flopmeter
