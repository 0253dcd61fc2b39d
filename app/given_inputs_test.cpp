#include "app/given_inputs.h"

#include <gmock/gmock.h>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refused_input(const std::vector<std::string>& texts) {
  try {
    parse_given_inputs(texts);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "";
}

TEST(GivenInputs, NumbersAndLists) {
  const auto all = parse_given_inputs({"sr=16000", "flag=true", "a/b:0=-1.5,2e3,0"});
  EXPECT_THAT(all.at("sr").numbers, ElementsAre(16000));
  EXPECT_THAT(all.at("flag").numbers, ElementsAre(1));
  EXPECT_THAT(all.at("a/b:0").numbers, ElementsAre(-1.5, 2000, 0));
  EXPECT_FALSE(all.at("sr").dims.has_value()) << "a number fits any dimensions";
}

TEST(GivenInputs, WhatIsWrongIsSaidWithTheAcceptedForm) {
  for (const char* text : {"sr", "=3", "sr=", "sr=1,,2", "sr=12kHz", "ids=ids.txt"}) {
    EXPECT_THAT(refused_input({text}), HasSubstr("NAME=16000")) << text;
  }
  EXPECT_THAT(refused_input({"ids=/nowhere/ids.npy"}), HasSubstr("cannot be read"));
  EXPECT_THAT(refused_input({"a=1", "a=2"}), HasSubstr("given twice"));
}

}  // namespace
}  // namespace flopmeter
