#include "kernels/linear/linear.h"
#include "kernels/onednn/backend_testing.h"

namespace flopmeter::linear {
namespace {

/// Random small shapes and those whose sizes oneDNN's kernels treat differently.
std::vector<Shape> shapes() {
  std::vector<Shape> shapes;
  for (const auto* text :
       {"mb1ic1oc1", "mb1ic1oc1bias0", "mb1ic512ih7oc64", "mb7ic131oc127bias0", "mb32ic512oc100",
        "mb64ic64oc64", "mb3ic2048oc17", "mb128ic16oc1", "mb16ic32oc96", "mb67ic64oc64bias0"}) {
    shapes.push_back(parse_shape<Layer>(text));
  }
  std::mt19937_64 random(1);
  while (shapes.size() < 100) {
    shapes.push_back(Layer::complete(onednn::draw<Layer>(random)));
  }
  return shapes;
}

class LinearOnednn : public testing::TestWithParam<Setup> {};

TEST_P(LinearOnednn, AgreesWithTheReferenceOrIsUnavailable) {
  onednn::expect_agreement<Layer>(shapes(), GetParam(), prepare_onednn);
}

INSTANTIATE_TEST_SUITE_P(All, LinearOnednn, testing::ValuesIn(onednn::setups), onednn::setup_name);

}  // namespace
}  // namespace flopmeter::linear
