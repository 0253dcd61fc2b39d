#include <gmock/gmock.h>

#include "app/network_rows.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;

// Prevents times of a busy machine from standing there without a word, and a quiet one from being blamed.
TEST(Company, IsSaidWhereItDisturbs) {
  EXPECT_EQ(company_text({}), "");
  EXPECT_EQ(company_text(0.1), "");
  EXPECT_THAT(company_text(1.26), HasSubstr("other processes kept 1.3 cores busy"));
}

TEST(Company, StandsInTheRow) {
  const NetworkCase of{.path = "a.onnx", .dtype = "f32", .batch = 1, .threads = 1};
  EXPECT_EQ(network_record(of, {.other_cores = 0.5}).other_cores, 0.5);
  EXPECT_EQ(network_record(of, {}).other_cores, std::nullopt);
}

}  // namespace
}  // namespace flopmeter
