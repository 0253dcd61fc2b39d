#include "kernels/onednn/prepare.h"

#include <gmock/gmock.h>

namespace flopmeter::onednn {
namespace {

using testing::HasSubstr;

Preparation prepare_with(const flopmeter::Setup& setup, dnnl_status_t failure) {
  Tensors<float> none(std::span<const Operand>{});
  return prepare("convolution", setup, none, [failure](auto) -> PrimitivePlan {
    throw dnnl::error(failure, "could not create a descriptor");
  });
}

TEST(Prepare, WhatOnednnDoesNotImplementIsUnavailable) {
  const Preparation result = prepare_with({.dtype = Dtype::bf16}, dnnl_unimplemented);
  ASSERT_TRUE(std::holds_alternative<Unavailable>(result));
  EXPECT_THAT(std::get<Unavailable>(result).reason, HasSubstr("has no bf16 convolution"));
}

// A mistake in our arguments must not pass as something that oneDNN cannot do.
TEST(Prepare, OtherFailuresAreThrownWithWhatFailed) {
  try {
    prepare_with({}, dnnl_invalid_arguments);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("f32 convolution: could not create a descriptor"));
    EXPECT_THAT(error.what(), HasSubstr("invalid_arguments"));
  }
}

TEST(Prepare, IntegersAreForInferenceAndForWhoKnowsThem) {
  const auto training =
      prepare_with({.pass = Pass::backward_data, .dtype = Dtype::s8}, dnnl_runtime_error);
  ASSERT_TRUE(std::holds_alternative<Unavailable>(training));
  EXPECT_THAT(std::get<Unavailable>(training).reason, HasSubstr("no training in 8-bit"));
  const auto unknown = prepare_with({.dtype = Dtype::s8}, dnnl_runtime_error);
  ASSERT_TRUE(std::holds_alternative<Unavailable>(unknown));
  EXPECT_THAT(std::get<Unavailable>(unknown).reason, HasSubstr("not offered in s8"));
}

}  // namespace
}  // namespace flopmeter::onednn
