#include "models/onnx/wire/wire.h"

#include <bit>
#include <cstring>

#include "kernels/bad_input.h"

namespace flopmeter::onnx {

void WireReader::fail(std::string_view what) const {
  bad_input("not an ONNX model: {} at byte {}", what, rest_.data() - origin_);
}

std::uint64_t WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) {
      fail("a number is cut off");
    }
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) {
      return value;
    }
  }
  fail("a number is longer than 64 bits");
}

std::string_view WireReader::take(std::uint64_t length) {
  if (length > rest_.size()) {
    fail("a field is longer than what holds it");
  }
  const std::string_view taken = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return taken;
}

template <class Integer>
std::uint64_t WireReader::fixed() {
  Integer value = 0;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

bool WireReader::next(WireField& field) {
  if (rest_.empty()) {
    return false;
  }
  const std::uint64_t key = varint();
  if ((key >> 3) == 0 || (key >> 3) > 0x1FFFFFFF) {
    fail("a field has an impossible number");
  }
  field = {.number = static_cast<std::uint32_t>(key >> 3),
           .type = static_cast<WireType>(key & 7),
           .integer = 0,
           .bytes = {}};
  switch (field.type) {
    case WireType::varint:
      field.integer = varint();
      return true;
    case WireType::fixed64:
      field.integer = fixed<std::uint64_t>();
      return true;
    case WireType::bytes:
      field.bytes = take(varint());
      return true;
    case WireType::fixed32:
      field.integer = fixed<std::uint32_t>();
      return true;
  }
  fail("a field has an unknown type");
}

void append_varints(const WireField& field, const char* origin, std::vector<std::int64_t>& to) {
  if (field.type != WireType::bytes) {
    to.push_back(static_cast<std::int64_t>(field.integer));
    return;
  }
  std::uint64_t value = 0;
  unsigned shift = 0;
  for (const char& c : field.bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift >= 64) {
      bad_input("not an ONNX model: a number is longer than 64 bits at byte {}", &c - origin);
    }
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    shift += 7;
    if ((byte & 0x80) == 0) {
      to.push_back(static_cast<std::int64_t>(value));
      value = 0;
      shift = 0;
    }
  }
  if (shift != 0) {
    bad_input("not an ONNX model: a number is cut off at byte {}",
              field.bytes.data() + field.bytes.size() - origin);
  }
}

void append_floats(const WireField& field, std::vector<double>& to) {
  if (field.type != WireType::bytes) {
    to.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(field.integer)));
    return;
  }
  for (std::size_t at = 0; at + sizeof(float) <= field.bytes.size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, field.bytes.data() + at, sizeof value);
    to.push_back(value);
  }
}

void append_doubles(const WireField& field, std::vector<double>& to) {
  if (field.type != WireType::bytes) {
    to.push_back(std::bit_cast<double>(field.integer));
    return;
  }
  for (std::size_t at = 0; at + sizeof(double) <= field.bytes.size(); at += sizeof(double)) {
    double value = 0;
    std::memcpy(&value, field.bytes.data() + at, sizeof value);
    to.push_back(value);
  }
}

}  // namespace flopmeter::onnx
