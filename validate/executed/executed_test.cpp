#include "validate/executed/executed.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

Case forward(std::string_view layer, std::string_view shape, std::string_view backend,
             Dtype dtype = Dtype::f32) {
  return {parse_problem(find_layer(layer), shape), Pass::forward, backend, dtype};
}

TEST(Executed, OneDnnGemmIsTheFormula) {
  const Executed executed = execute(forward("matmul", "64x64:64x64", "onednn"));
  ASSERT_EQ(executed.problem, "");
  EXPECT_EQ(executed.disagreement, "");
  EXPECT_GT(executed.instructions, 0);
  // And what oneDNN's own code multiplies: a hash table's size by its load factor, now and then.
  EXPECT_GE(executed.active.multiplies, 64 * 64 * 64);
  EXPECT_LE(executed.active.multiplies, 64 * 64 * 64 + 16);
}

TEST(Executed, WhatTheBackendCannotDoHasAReason) {
  const Executed executed = execute(forward("matmul", "4x4:4x4", "reference", Dtype::bf16));
  EXPECT_FALSE(executed.counted());
  EXPECT_NE(executed.problem, "");
  EXPECT_EQ(executed.instructions, 0);
}

}  // namespace
}  // namespace flopmeter
