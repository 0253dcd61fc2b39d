#include "app/layer_groups.h"

#include <gmock/gmock.h>

#include <set>

namespace flopmeter {
namespace {

// A layer that is added and named by no group would stand at the end of a list of 170.
TEST(LayerGroups, HaveEveryLayerOnce) {
  std::set<std::string_view> seen;
  for (const LayerGroup& group : grouped_layers()) {
    EXPECT_NE(group.title, "Others") << group.layers.front()->name;
    for (const AnyLayer* layer : group.layers) {
      EXPECT_TRUE(seen.insert(layer->name).second) << layer->name;
    }
  }
  EXPECT_EQ(seen.size(), layers().size());
}

TEST(LayerGroups, FunctionsAreToldByTheirKeys) {
  for (const LayerGroup& group : grouped_layers()) {
    for (const AnyLayer* layer : group.layers) {
      if (layer->name == "mish") {
        EXPECT_EQ(group.title, "Functions of one tensor, element by element");
        EXPECT_TRUE(group.alike);
      } else if (layer->name == "where") {
        EXPECT_EQ(group.title, "Functions of two or three tensors, element by element");
      } else if (layer->name == "lstm") {
        EXPECT_FALSE(group.alike);
      }
    }
  }
}

}  // namespace
}  // namespace flopmeter
