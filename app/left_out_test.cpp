#include "app/left_out.h"

#include <gtest/gtest.h>

namespace flopmeter {
namespace {

std::string line(std::string_view layer, std::string_view shape) {
  return left_out_line(parse_problem(find_layer(layer), shape));
}

// Qwen3-4B has heads of 128; without d they are of 80.
TEST(LeftOut, NamesWhatFollowsFromOtherKeys) {
  EXPECT_EQ(line("attention", "mb1l16e2560h32hkv8causal1bias0"),
            "  not given: d 80, dv 80, kdim 2,560, vdim 2,560, obias 0\n");
  EXPECT_EQ(line("attention", "mb1l16e2560h32hkv8d128causal1bias0").find("d 128"),
            std::string::npos);
  EXPECT_EQ(line("conv2d", "mb1ic3ih7oc4kh3"), "");
}

}  // namespace
}  // namespace flopmeter
