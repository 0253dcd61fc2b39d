#include "kernels/field.h"

#include <gmock/gmock.h>

#include <array>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::array<FieldInfo, 3> fields{{
    {"mb", 2, 1, 1, 3, "samples"},
    {"ic", unset, 1, 1, 9, "channels"},
    {"ph", unset, 0, 0, 3, "padding"},
}};

TEST(ParseFields, ReadsKeysInAnyOrder) {
  EXPECT_THAT(parse_fields(fields, "x", "mb5ic7ph0"), ElementsAre(5, 7, 0));
  EXPECT_THAT(parse_fields(fields, "x", "ph1_ic7__mb5_"), ElementsAre(5, 7, 1));
}

TEST(ParseFields, FillsWhatIsLeftOut) {
  EXPECT_THAT(parse_fields(fields, "x", "ic7"), ElementsAre(2, 7, unset));
  EXPECT_THAT(parse_fields(fields, "x", ""), ElementsAre(2, unset, unset));
}

void expect_refused(std::string_view text, const char* why) {
  EXPECT_THAT([&] { parse_fields(fields, "x", text); }, ThrowsMessage<BadInput>(HasSubstr(why)))
      << text;
}

TEST(ParseFields, RefusesWithTheReason) {
  expect_refused("mb5oc7", "unknown key at 'oc7': keys are mb, ic, ph");
  expect_refused("5", "unknown key at '5'");
  expect_refused("mb", "mb needs an integer, as in mb3");
  expect_refused("mb5mb6", "mb is given twice");
  expect_refused("mbx", "unknown key at 'mbx'");
  expect_refused("mb-", "mb needs an integer");
  expect_refused("mb0", "mb (samples) is 0, must be at least 1");
  expect_refused("ic-3", "ic (channels) is -3, must be at least 1");
  expect_refused("ic9223372036854775808", "ic is beyond 2^63 - 1");
}

TEST(PrintFields, LeavesOutWhatIsImplied) {
  const std::array<std::string_view, 1> always{"mb"};
  EXPECT_EQ(print_fields(fields, {2, 7, unset}, always), "mb2ic7");
  EXPECT_EQ(print_fields(fields, {2, 7, 0}, {}), "ic7ph0");
}

TEST(SplitName, TakesTheLabelOff) {
  EXPECT_EQ(split_name("mb1ic2n\"a:b*3\"").descriptor, "mb1ic2");
  EXPECT_EQ(split_name("mb1ic2n\"a:b*3\"").name, "a:b*3");
  EXPECT_EQ(split_name("1x2:2x3_n\"qk\"").descriptor, "1x2:2x3");
  EXPECT_EQ(split_name("mb1ic2").name, "");
  EXPECT_THROW(split_name("mb1ic2n\"open"), BadInput);
  EXPECT_THROW(split_name("mb1n\"a\"ic2"), BadInput);
}

}  // namespace
}  // namespace flopmeter
