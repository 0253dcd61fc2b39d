// Sequences of tensors and ranges, whose results a calculator gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/bad_input.h"
#include "models/testing/run_by_hand.h"

namespace flopmeter::onnx {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Of x = 0, 1, ... in that many rows of two.
std::vector<double> of_rows(std::int64_t rows, const std::vector<Message>& nodes,
                            const std::vector<Message>& constants = {}) {
  std::vector<double> x;
  for (std::int64_t i = 0; i < 2 * rows; ++i) {
    x.push_back(static_cast<double>(i));
  }
  return run_by_hand({.nodes = nodes,
                      .inputs = {value("x", std::to_string(rows) + "x2")},
                      .outputs = {value("y", "")},
                      .initializers = constants},
                     {{"x", x}});
}

TEST(Sequences, PartsOfASplitAreTakenAndJoined) {
  EXPECT_THAT(of_rows(5,
                      {node("SplitToSequence", {"x", "two"}, {"s"}),
                       node("SequenceAt", {"s", "last"}, {"y"})},
                      {integers("two", {}, {2}), integers("last", {}, {-1})}),
              ElementsAre(8, 9))
      << "parts of 2, 2 and 1";
  EXPECT_THAT(of_rows(3,
                      {node("SplitToSequence", {"x", "parts"}, {"s"}),
                       node("SequenceErase", {"s", "first"}, {"less"}),
                       node("SequenceInsert", {"less", "x", "first"}, {"more"}),
                       node("ConcatFromSequence", {"more"}, {"y"}, {attribute("axis", 0)})},
                      {integers("parts", {2}, {1, 2}), integers("first", {}, {0})}),
              ElementsAre(0, 1, 2, 3, 4, 5, 2, 3, 4, 5));
}

// As torch.unbind and torch.stack are exported.
TEST(Sequences, WithoutTheAxisAndWithANewOne) {
  EXPECT_THAT(of_rows(2, {node("SplitToSequence", {"x"}, {"s"}, {attribute("keepdims", 0)}),
                          node("ConcatFromSequence", {"s"}, {"y"},
                               {attribute("axis", 1), attribute("new_axis", 1)})}),
              ElementsAre(0, 2, 1, 3));
  EXPECT_THAT(of_rows(2, {node("SplitToSequence", {"x"}, {"s"}, {attribute("axis", 1)}),
                          node("ConcatFromSequence", {"s"}, {"y"}, {attribute("axis", 0)})}),
              ElementsAre(0, 2, 1, 3));
}

TEST(Sequences, LengthsAreKnown) {
  EXPECT_THAT(of_rows(3, {node("SequenceConstruct", {"x", "x", "x"}, {"s"}),
                          node("Identity", {"s"}, {"t"}), node("SequenceLength", {"t"}, {"n"}),
                          node("Cast", {"n"}, {"r"}, {attribute("to", 1)}),
                          node("ReduceSum", {"x"}, {"sum"}, {attribute("keepdims", 0)}),
                          node("Mul", {"sum", "r"}, {"y"})}),
              ElementsAre(45));
}

TEST(Sequences, WhatARunDecidesIsNamed) {
  EXPECT_THAT(
      [] {
        run_by_hand({.nodes = {node("SplitToSequence", {"x"}, {"s"}),
                               node("SequenceAt", {"s", "i"}, {"y"}, {}, "taken")},
                     .inputs = {value("x", "2x2"), value("i", "1", 7)},
                     .outputs = {value("y", "")}},
                    {{"x", {1, 2, 3, 4}}});
      },
      ThrowsMessage<BadInput>(HasSubstr("'taken' (SequenceAt) cannot run: what its sequence holds "
                                        "is known during a run only")));
  EXPECT_THAT(
      [] {
        of_rows(2, {node("SplitToSequence", {"x"}, {"s"}), node("SequenceAt", {"s", "two"}, {"y"})},
                {integers("two", {}, {2})});
      },
      ThrowsMessage<BadInput>(HasSubstr("position 2 in a sequence of 2 tensors")));
}

// Places of tokens as real numbers.
TEST(Ranges, OfRealNumbersAreKnown) {
  EXPECT_THAT(
      of_rows(4,
              {node("Shape", {"x"}, {"dims"}), node("Gather", {"dims", "zero"}, {"rows"}),
               node("Cast", {"rows"}, {"limit"}, {attribute("to", 1)}),
               node("Range", {"start", "limit", "step"}, {"r"}),
               node("Unsqueeze", {"r", "one"}, {"column"}), node("Mul", {"column", "x"}, {"y"})},
              {integers("zero", {}, {0}), integers("one", {1}, {1}), reals("start", {}, {1}),
               reals("step", {}, {0.75})}),
      ElementsAre(0, 1, 3.5, 5.25, 10, 12.5, 19.5, 22.75))
      << "1, 1.75, 2.5 and 3.25";
}

}  // namespace
}  // namespace flopmeter::onnx
