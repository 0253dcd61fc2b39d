#include <fmt/format.h>

#include "kernels/eigen/backend_testing.h"
#include "kernels/linear/linear.h"

namespace flopmeter::linear {
namespace {

TEST(LinearEigen, SizesAndBias) {
  for (const int mb : {1, 2, 7, 16, 33}) {
    for (const int ic : {1, 5, 19, 64, 129, 1500}) {
      for (const int oc : {1, 3, 10, 47}) {
        eigen::expect_right<Layer>(fmt::format("mb{}ic{}oc{}bias1", mb, ic, oc));
        eigen::expect_right<Layer>(fmt::format("mb{}ic{}oc{}bias0", mb, ic, oc));
      }
    }
  }
}

TEST(LinearEigen, FlattensTheFeatures) { eigen::expect_right<Layer>("mb3ic5id2ih3iw4oc6"); }

TEST(LinearEigen, SaysWhatItCannotDo) { eigen::expect_unavailable<Layer>("mb2ic4oc4"); }

}  // namespace
}  // namespace flopmeter::linear
