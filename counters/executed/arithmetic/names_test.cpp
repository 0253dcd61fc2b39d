#include "counters/executed/arithmetic/names.h"

#include <gtest/gtest.h>

#include <set>

namespace flopmeter::executed {
namespace {

TEST(Names, SayOperationElementAndLanes) {
  EXPECT_EQ(to_string(Arithmetic{Operation::fma, Element::f32, 16}), "fma f32 x16");
  EXPECT_EQ(to_string(Arithmetic{Operation::dot, Element::i8, 16, 4}), "dot i8 x16 of 4");
  EXPECT_EQ(to_string(Arithmetic{Operation::dot, Element::bf16, 0, 2}), "dot bf16 tile of 2");
}

// Tables in another order than the enumerations would name everything wrongly.
TEST(Names, FollowTheEnumerations) {
  EXPECT_EQ(to_string(Operation::none), "none");
  EXPECT_EQ(to_string(Operation::multiply), "multiply");
  EXPECT_EQ(to_string(Operation::square_root), "square_root");
  EXPECT_EQ(to_string(Operation::min_max), "min_max");
  EXPECT_EQ(to_string(Operation::approximate), "approximate");
  EXPECT_EQ(to_string(Operation::other), "other");
  EXPECT_EQ(static_cast<std::size_t>(Operation::other) + 1, operation_count);
  EXPECT_EQ(to_string(Element::none), "none");
  EXPECT_EQ(to_string(Element::bf16), "bf16");
  EXPECT_EQ(to_string(Element::f80), "f80");
  EXPECT_EQ(to_string(Element::i64), "i64");
  EXPECT_EQ(static_cast<std::size_t>(Element::i64) + 1, element_count);
  EXPECT_EQ(lanes_to_string(0), "tile");
  EXPECT_EQ(lanes_to_string(1), "x1");
  EXPECT_EQ(lanes_to_string(64), "x64");
}

}  // namespace
}  // namespace flopmeter::executed
