#include "models/onnx/wire/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/bad_input.h"
#include "models/onnx/wire/proto.h"
#include "models/testing/onnx_writer.h"

namespace flopmeter::onnx {
namespace {

using ::testing::HasSubstr;

std::string wire_error(std::string_view bytes) {
  try {
    WireReader reader(bytes, bytes.data());
    WireField field;
    while (reader.next(field)) {
    }
  } catch (const BadInput& error) {
    return error.what();
  }
  return "read";
}

TEST(Wire, ReadsFieldsOfAllTypes) {
  const std::string bytes =
      flopmeter::testing::Message().number(1, 300).text(2, "abc").real(3, 1.5F).bytes();
  WireReader reader(bytes, bytes.data());
  WireField field;
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.integer, 300U);
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.bytes, "abc");
  ASSERT_TRUE(reader.next(field));
  EXPECT_EQ(field.type, WireType::fixed32);
  EXPECT_FALSE(reader.next(field));
}

TEST(Wire, NeverReadsBeyondTheEnd) {
  EXPECT_THAT(wire_error(std::string_view("\x12\x05"
                                          "ab",
                                          4)),
              HasSubstr("longer than what holds it"));
  EXPECT_THAT(wire_error(std::string_view("\x08\xff", 2)), HasSubstr("cut off"));
  EXPECT_THAT(wire_error(std::string_view("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12)),
              HasSubstr("longer than 64 bits"));
  EXPECT_THAT(wire_error(std::string_view("\x0b", 1)), HasSubstr("unknown type"));
  EXPECT_THAT(wire_error(std::string_view("\x00\x00", 2)), HasSubstr("impossible number"));
  EXPECT_THAT(wire_error(std::string_view("\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10)),
              HasSubstr("at byte"));
}

/// Every prefix and every file with one byte changed is read or refused, and nothing else happens.
TEST(Wire, SurvivesDamagedFiles) {
  using namespace flopmeter::testing;  // NOLINT: the writer's words
  const std::string whole = model({.nodes = {node("Relu", {"x"}, {"y"}, {attribute("a", 1)})},
                                   .inputs = {value("x", "2xN")},
                                   .outputs = {value("y", "")},
                                   .initializers = {integers("w", {2}, {1, 2})}});
  const auto read = [](const std::string& bytes) {
    try {
      read_model(bytes);
    } catch (const BadInput&) {
    }
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    read(whole.substr(0, i));
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      read(damaged);
    }
  }
}

}  // namespace
}  // namespace flopmeter::onnx
