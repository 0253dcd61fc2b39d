#include "kernels/case.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Layers, AreFoundByName) {
  EXPECT_EQ(find_layer("conv2d").name, "conv2d");
  EXPECT_THAT([] { find_layer("conv4d"); },
              ThrowsMessage<BadInput>(HasSubstr("unknown layer 'conv4d': nearest are conv")));
}

TEST(Layers, NameTheirBackends) {
  EXPECT_EQ(find_layer("linear").backend("eigen").name, "eigen");
  EXPECT_THAT([] { return find_layer("linear").backend("mkl").name; },
              ThrowsMessage<BadInput>(HasSubstr("linear has reference, eigen, onednn")));
}

TEST(Case, NameIsTheReproducer) {
  const Case subject{parse_problem(find_layer("linear"), "mb32ic512oc1000"), Pass::forward,
                     "onednn", Dtype::bf16};
  EXPECT_EQ(subject.name(), "linear/forward/onednn/bf16/mb32ic512oc1000");
}

// src 32 x 512, weights 1000 x 512, bias 1000, dst 32 x 1000.
TEST(Case, CompulsoryBytes) {
  const Problem problem = parse_problem(find_layer("linear"), "mb32ic512oc1000");
  EXPECT_EQ(compulsory_bytes(problem, Pass::forward, Dtype::f32),
            4 * (16384 + 512000 + 1000 + 32000));
  EXPECT_EQ(compulsory_bytes(problem, Pass::forward, Dtype::bf16),
            2 * (16384 + 512000 + 1000 + 32000));
  EXPECT_EQ(compulsory_bytes(problem, Pass::forward, Dtype::s8),
            16384 + 512000 + 4 * (1000 + 32000));
}

TEST(Batch, ReadsOneDescriptorALine) {
  const auto problems = parse_batch(
      find_layer("linear"), "# comment\n\n  mb1ic2oc3n\"fc1\"  # trailing\r\nic4oc5\n", "f");
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].label, "fc1");
  EXPECT_EQ(problems[0].shape(), "mb1ic2oc3");
  EXPECT_EQ(problems[1].shape(), "mb2ic4oc5");
}

TEST(Batch, NamesTheBrokenLine) {
  const AnyLayer& linear = find_layer("linear");
  EXPECT_THAT([&] { parse_batch(linear, "ic1oc1\nic1oc0\n", "my.shapes"); },
              ThrowsMessage<BadInput>(HasSubstr("my.shapes:2: linear: oc (output features) is 0")));
  EXPECT_THAT([&] { parse_batch(linear, "--dir=FWD_B\nic1oc1\n", "my.shapes"); },
              ThrowsMessage<BadInput>(
                  HasSubstr("my.shapes:1: option line '--dir=FWD_B' is not supported")));
}

TEST(DefaultProblems, AreLegalAndLabelled) {
  std::size_t total = 0;
  for (const AnyLayer& layer : layers()) {
    for (const Problem& problem : default_problems(layer)) {
      EXPECT_FALSE(problem.label.empty()) << problem.shape();
      // Printing and parsing again must not change the shape.
      EXPECT_EQ(layer.parse(problem.shape()), problem.values) << problem.shape();
      ++total;
    }
  }
  EXPECT_GE(total, 100U);
}

}  // namespace
}  // namespace flopmeter
