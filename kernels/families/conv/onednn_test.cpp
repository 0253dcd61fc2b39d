// The layers of the family in all passes, on random shapes. The forward pass of conv2d has a test
// of its own.
#include "kernels/conv1d/conv1d.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/conv3d/conv3d.h"
#include "kernels/conv_transpose1d/conv_transpose1d.h"
#include "kernels/conv_transpose2d/conv_transpose2d.h"
#include "kernels/conv_transpose3d/conv_transpose3d.h"
#include "kernels/onednn/backend_testing.h"

namespace flopmeter::conv {
namespace {

template <class L>
std::vector<Shape> shapes() {
  std::vector<Shape> shapes;
  std::mt19937_64 random(1);
  while (shapes.size() < 60) {
    Shape shape = onednn::draw<L>(random);
    shape.ic *= shape.g;
    shape.oc *= shape.g;
    try {
      shapes.push_back(L::complete(shape));
    } catch (const BadInput&) {
    }
  }
  return shapes;
}

template <class L>
class ConvOnednn : public testing::Test {};

using Layers = testing::Types<conv1d::Layer, conv2d::Layer, conv3d::Layer, conv_transpose1d::Layer,
                              conv_transpose2d::Layer, conv_transpose3d::Layer>;
TYPED_TEST_SUITE(ConvOnednn, Layers);

TYPED_TEST(ConvOnednn, AgreesWithTheReferenceOrIsUnavailable) {
  const std::vector<Shape> all = shapes<TypeParam>();
  for (const Pass pass : all_passes) {
    for (const Dtype dtype : {Dtype::f32, Dtype::bf16}) {
      onednn::expect_agreement<TypeParam>(all, flopmeter::Setup{pass, dtype, 1},
                                          TypeParam::backends()[2].prepare);
    }
  }
}

}  // namespace
}  // namespace flopmeter::conv
