#include "models/npy.h"

#include <gmock/gmock.h>

#include <string>

#include "kernels/bad_input.h"

namespace flopmeter::models {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// As numpy.save writes it, version 1.
std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                const std::string& fortran = "False") {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  header.resize((header.size() + 10) / 64 * 64 + 63 - 10, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
         data;
}

std::string refused(const std::string& bytes) {
  try {
    parse_npy(bytes);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "";
}

TEST(Npy, NumbersOfEveryWidth) {
  EXPECT_THAT(parse_npy(npy("|i1", "(3,)", std::string("\x01\xff\x7f", 3))).numbers,
              ElementsAre(1, -1, 127));
  EXPECT_THAT(parse_npy(npy("|b1", "(2,)", std::string("\x00\x01", 2))).numbers, ElementsAre(0, 1));
  const NpyArray scalar = parse_npy(npy("<i8", "()", std::string("\x80\x3e\0\0\0\0\0\0", 8)));
  EXPECT_THAT(scalar.numbers, ElementsAre(16000));
  EXPECT_TRUE(scalar.dims.empty());
  const std::string halves("\x00\x3c\x00\xc0\x01\x00\xff\x7b", 8);
  EXPECT_THAT(parse_npy(npy("<f2", "(4,)", halves)).numbers, ElementsAre(1, -2, 0x1p-24, 65504));
}

TEST(Npy, ColumnsBecomeRows) {
  const std::string six("\x00\x03\x01\x04\x02\x05", 6);
  const NpyArray array = parse_npy(npy("|u1", "(2, 3)", six, "True"));
  EXPECT_THAT(array.dims, ElementsAre(2, 3));
  EXPECT_THAT(array.numbers, ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npy, WhatCannotBeReadIsSaid) {
  EXPECT_THAT(refused("PK\x03\x04 and more of a zip"), HasSubstr("no .npy file"));
  EXPECT_THAT(refused(npy("<c8", "(1,)", "12345678")), HasSubstr("its numbers are '<c8'"));
  EXPECT_THAT(refused(npy(">f4", "(1,)", "1234")), HasSubstr("its numbers are '>f4'"));
  EXPECT_THAT(refused(npy("<f4", "(2,)", "1234")), HasSubstr("4 bytes of numbers"));
  EXPECT_THAT(refused(npy("<f4", "(2", "1234")), HasSubstr("the shape"));
  EXPECT_THAT(refused(npy("<f4", "(1,)", "1234").substr(0, 40)), HasSubstr("within its header"));
}

}  // namespace
}  // namespace flopmeter::models
