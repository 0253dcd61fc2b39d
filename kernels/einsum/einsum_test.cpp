#include "kernels/einsum/einsum.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::einsum {
namespace {

using rows::outputs;
using testing::ElementsAre;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(EinsumShape, ReducesToAProduct) {
  EXPECT_EQ(parse("bij,bjk->bik:4x2x3:4x3x5"), (Shape{4, 2, 5, 3, 1, 1}));
  EXPECT_EQ(parse("bqhd,bkhd->bhqk:2x7x3x5:2x11x3x5"), (Shape{6, 7, 11, 5, 1, 1}));
  EXPECT_EQ(parse("ijs,jkt->ik:4x5x3:5x6x2"), (Shape{1, 4, 6, 5, 3, 2}));
  EXPECT_EQ(parse("i,j->:3:5"), (Shape{1, 1, 1, 1, 3, 5}));
  EXPECT_EQ(print_shape<Layer>(parse("bqhd,bkhd->bhqk:2x7x3x5:2x11x3x5")),
            "bmk,bkn->bmn:6x7x5:6x5x11");
}

// (1 2; 3 4) times (5 6; 7 8); with a label alone its numbers are summed up first.
TEST(Einsum, MultipliesAndSums) {
  EXPECT_THAT(outputs("einsum", "ij,jk->ik:2x2:2x2", Pass::forward,
                      {{"src0", {1, 2, 3, 4}}, {"src1", {5, 6, 7, 8}}}),
              ElementsAre(19, 22, 43, 50));
  EXPECT_THAT(outputs("einsum", "is,k->ik:2x2:2", Pass::forward,
                      {{"src0", {1, 2, 3, 4}}, {"src1", {5, 6}}}),
              ElementsAre(15, 18, 35, 42));
}

// 2 x 4 x 5 sums of 3 products; 3 numbers of the label alone for each of 2 x 4 x 3 elements.
TEST(Einsum, CountsByHand) {
  EXPECT_EQ(rows::counts("einsum", "bmk,bkn->bmn:2x4x3:2x3x5", Pass::forward),
            (OpCounts{.macs = 120, .multiplies = 120, .adds = 80}));
  EXPECT_EQ(rows::counts("einsum", "bmsk,bkn->bmn:2x4x3x3:2x3x5", Pass::forward).adds, 80 + 48);
}

TEST(Einsum, BackendsAgree) {
  rows::expect_backends_agree("einsum", "bmsk,btkn->bmn:3x5x2x7:3x2x7x33");
  rows::expect_backends_agree("einsum", "m,n->mn:1:1");
}

TEST(EinsumShape, RefusesWithTheReason) {
  rows::expect_refused("einsum", "ij,jk:2x2:2x2", "has no labels of two operands and a result");
  rows::expect_refused("einsum", "ij,jk->ik", "has no dimensions");
  rows::expect_refused("einsum", "ij,jk->ik:2x2:3x2", "label j is 2 and 3");
  rows::expect_refused("einsum", "ii,jk->ik:2x2:3x2", "stands twice");
  rows::expect_refused("einsum", "ij,jk->iz:2x2:2x2", "is in no operand");
  rows::expect_refused("einsum", "ij,jk->ik:2:2x2", "2 labels 'ij'");
}

}  // namespace
}  // namespace flopmeter::einsum
