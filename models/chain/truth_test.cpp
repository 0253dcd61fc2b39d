// How far a run may be from the truth.
#include "models/chain/truth.h"

#include <gmock/gmock.h>

#include "kernels/agreement.h"
#include "models/chain/chain.h"
#include "models/chain/chain_run.h"
#include "models/chain/random_numbers.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words

/// Sums of about 10 that are clipped to 0.1, in bf16.
GraphParts clipped() {
  return {.nodes = {node("Conv", {"x", "w"}, {"c"}), node("Clip", {"c", "low", "high"}, {"y"})},
          .inputs = {value("x", "1x64x8x8")},
          .outputs = {value("y", "")},
          .initializers = {reals("w", {16, 64, 1, 1}, random_numbers("w", 3, 16 * 64, {-2, 2})),
                           reals("low", {}, {0}), reals("high", {}, {0.1F})}};
}

TEST(TruthWithRounding, HasRoomForErrorsOfWhatIsClipped) {
  const TemporaryFile written(model(clipped()));
  const NetworkFile file = read_network(written.path(), {});
  const Chain chain = make_chain(file, Dtype::bf16);
  ChainRun run(chain, Dtype::bf16, 1);
  run.run();
  std::vector<float> got = run.result("y");
  const std::vector<TrueResult> plain = evaluate(file, Dtype::bf16);
  const TrueResult wide = with_rounding(plain, file, Dtype::bf16).front();
  EXPECT_EQ(wide.values, plain.front().values);
  EXPECT_GT(wide.rounded, plain.front().absolute) << "or this test shows nothing";
  EXPECT_LE(wide.absolute, 0.25 * wide.largest);
  EXPECT_TRUE(check_agreement(got, wide.values, {wide.absolute, 0}).passed);
  got[5] = got[5] > 0.05F ? 0.0F : 0.1F;
  EXPECT_FALSE(check_agreement(got, wide.values, {wide.absolute, 0}).passed);
}

// Nothing grows: nothing is wider than it was.
TEST(TruthWithRounding, StaysNarrowWhereErrorsDoNotGrow) {
  const GraphParts parts{.nodes = {node("Relu", {"x"}, {"y"})},
                         .inputs = {value("x", "64")},
                         .outputs = {value("y", "64")}};
  const TemporaryFile written(model(parts));
  const NetworkFile file = read_network(written.path(), {});
  const std::vector<TrueResult> plain = evaluate(file, Dtype::f32);
  EXPECT_LT(with_rounding(plain, file, Dtype::f32).front().absolute, 1e-5);
}

}  // namespace
}  // namespace flopmeter::models
