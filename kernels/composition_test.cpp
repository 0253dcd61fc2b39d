#include "kernels/composition.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "kernels/case.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;

AnyLayer& called(std::vector<AnyLayer>& layers, std::string_view name) {
  return *std::ranges::find(layers, name, &AnyLayer::name);
}

// Prevents a call of a function that is not there: a library may have nothing for one of the parts.
TEST(Composition, IsCountedOnlyWhereEveryPartIs) {
  std::vector<AnyLayer> changed = layers();
  for (AnyBackend& row : called(changed, "relu").backends) {
    if (row.name == "eigen") {
      row.counted = nullptr;
      row.stated = nullptr;
      row.kind = BackendKind::binary;
    }
  }
  const std::vector<AnyLayer> composed = with_composed_backends(std::move(changed));
  const auto ffn = std::ranges::find(composed, "ffn", &AnyLayer::name);
  EXPECT_EQ(ffn->backend("eigen").kind, BackendKind::binary);
  EXPECT_FALSE(ffn->backend("eigen").counted);
  EXPECT_FALSE(ffn->backend("eigen").stated);
  EXPECT_TRUE(ffn->definition().counted);
}

std::string reason(std::string_view layer, std::string_view backend) {
  const Problem problem = default_problems(find_layer(layer)).front();
  return why_not_counted({problem.layer, problem.values, Pass::forward}, backend).value_or("");
}

TEST(Composition, NamesThePartThatCannotBeCounted) {
  EXPECT_EQ(reason("ffn", "eigen"), "");
  EXPECT_EQ(reason("linear", "onednn"), "none of its code runs on a counting scalar");
  EXPECT_EQ(reason("ffn", "onednn"), "its part linear: none of its code runs on a counting scalar");
  EXPECT_THAT(reason("encoder_layer", "onednn"), HasSubstr("its part linear: "));
  EXPECT_EQ(reason("encoder_layer", "openblas"), "encoder_layer has no backend openblas");
}

}  // namespace
}  // namespace flopmeter
