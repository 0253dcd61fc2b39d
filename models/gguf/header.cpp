#include <array>
#include <bit>
#include <cstring>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/gguf/gguf.h"

namespace flopmeter::gguf {
namespace {

constexpr std::uint64_t most_settings = 1'000'000;
constexpr std::uint64_t most_tensors = 1'000'000;
constexpr std::uint64_t longest_kept_array = 4'096;
constexpr int deepest_array = 8;

/// Walks over the bytes; never beyond them.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view text() { return take(number<std::uint64_t>()); }
  std::string_view take(std::uint64_t length) {
    if (length > bytes_.size() - at_) {
      bad_input("not a whole GGUF file: {} bytes are missing at byte {}",
                length - (bytes_.size() - at_), at_);
    }
    const std::string_view taken = bytes_.substr(at_, length);
    at_ += length;
    return taken;
  }
  std::uint64_t left() const { return bytes_.size() - at_; }
  std::size_t at() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

enum class Kind : std::uint32_t {
  u8,
  s8,
  u16,
  s16,
  u32,
  s32,
  f32,
  boolean,
  text,
  array,
  u64,
  s64,
  f64
};

Value read_value(Cursor& cursor, Kind kind, int depth);

std::uint64_t size_of_kind(Kind kind) {
  static constexpr std::array<std::uint64_t, 13> sizes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return static_cast<std::size_t>(kind) < sizes.size() ? sizes.at(static_cast<std::size_t>(kind))
                                                       : 0;
}

Value read_array(Cursor& cursor, int depth) {
  const auto kind = static_cast<Kind>(cursor.number<std::uint32_t>());
  Array array{cursor.number<std::uint64_t>(), {}};
  if (depth > deepest_array) {
    bad_input("arrays are nested more than {} deep at byte {}", deepest_array, cursor.at());
  }
  const std::uint64_t each = size_of_kind(kind);
  // Every element takes a byte at the least: a length beyond that is a lie.
  if (array.length > cursor.left()) {
    bad_input("an array of {} elements at byte {} is longer than the file", array.length,
              cursor.at());
  }
  if (each > 0 && array.length > longest_kept_array) {
    cursor.take(
        checked_multiply(static_cast<std::int64_t>(array.length), static_cast<std::int64_t>(each)));
    return array;
  }
  for (std::uint64_t i = 0; i < array.length; ++i) {
    const Value value = read_value(cursor, kind, depth + 1);
    if (const auto* integer = std::get_if<std::int64_t>(&value);
        integer != nullptr && array.length <= longest_kept_array) {
      array.integers.push_back(*integer);
    } else if (const auto* truth = std::get_if<bool>(&value); truth != nullptr) {
      array.integers.push_back(*truth ? 1 : 0);
    }
  }
  return array;
}

Value read_value(Cursor& cursor, Kind kind, int depth) {
  switch (kind) {
    case Kind::u8:
      return std::int64_t{cursor.number<std::uint8_t>()};
    case Kind::s8:
      return std::int64_t{cursor.number<std::int8_t>()};
    case Kind::u16:
      return std::int64_t{cursor.number<std::uint16_t>()};
    case Kind::s16:
      return std::int64_t{cursor.number<std::int16_t>()};
    case Kind::u32:
      return std::int64_t{cursor.number<std::uint32_t>()};
    case Kind::s32:
      return std::int64_t{cursor.number<std::int32_t>()};
    case Kind::f32:
      return double{cursor.number<float>()};
    case Kind::boolean:
      return cursor.number<std::uint8_t>() != 0;
    case Kind::text:
      return cursor.text();
    case Kind::array:
      return read_array(cursor, depth);
    case Kind::u64:
      return static_cast<std::int64_t>(cursor.number<std::uint64_t>());
    case Kind::s64:
      return cursor.number<std::int64_t>();
    case Kind::f64:
      return cursor.number<double>();
  }
  bad_input("a setting has the unknown type {} at byte {}", static_cast<std::uint32_t>(kind),
            cursor.at());
}

TensorInfo read_tensor(Cursor& cursor) {
  TensorInfo tensor;
  tensor.name = cursor.text();
  const auto rank = cursor.number<std::uint32_t>();
  if (rank > 8) {
    bad_input("tensor '{}' has {} dimensions: at most 8 are read", tensor.name.substr(0, 100),
              rank);
  }
  std::int64_t elements = 1;
  for (std::uint32_t i = 0; i < rank; ++i) {
    const auto dim = cursor.number<std::uint64_t>();
    if (dim > (std::uint64_t{1} << 62)) {
      bad_input("tensor '{}' has a dimension of {}", tensor.name.substr(0, 100), dim);
    }
    tensor.dims.push_back(static_cast<std::int64_t>(dim));
    elements = checked_multiply(elements, tensor.dims.back());
  }
  tensor.type = cursor.number<std::uint32_t>();
  tensor_type(tensor.type);
  tensor.offset = cursor.number<std::uint64_t>();
  return tensor;
}

/// By number; those without a block are no more in use.
constexpr std::array<TensorType, 41> types{{
    {"f32", 1, 4},          {"f16", 1, 2},          {"q4_0", 32, 18},       {"q4_1", 32, 20},
    {"q4_2", 0, 0},         {"q4_3", 0, 0},         {"q5_0", 32, 22},       {"q5_1", 32, 24},
    {"q8_0", 32, 34},       {"q8_1", 32, 36},       {"q2_k", 256, 84},      {"q3_k", 256, 110},
    {"q4_k", 256, 144},     {"q5_k", 256, 176},     {"q6_k", 256, 210},     {"q8_k", 256, 292},
    {"iq2_xxs", 256, 66},   {"iq2_xs", 256, 74},    {"iq3_xxs", 256, 98},   {"iq1_s", 256, 50},
    {"iq4_nl", 32, 18},     {"iq3_s", 256, 110},    {"iq2_s", 256, 82},     {"iq4_xs", 256, 136},
    {"i8", 1, 1},           {"i16", 1, 2},          {"i32", 1, 4},          {"i64", 1, 8},
    {"f64", 1, 8},          {"iq1_m", 256, 56},     {"bf16", 1, 2},         {"q4_0_4_4", 32, 18},
    {"q4_0_4_8", 32, 18},   {"q4_0_8_8", 32, 18},   {"tq1_0", 256, 54},     {"tq2_0", 256, 66},
    {"iq4_nl_4_4", 32, 18}, {"iq4_nl_4_8", 32, 18}, {"iq4_nl_8_8", 32, 18}, {"mxfp4", 32, 17},
    {"nvfp4", 64, 36},
}};

}  // namespace

const TensorType& tensor_type(std::uint32_t type) {
  if (type >= types.size() || types.at(type).block == 0) {
    bad_input("the tensor type {} is not known", type);
  }
  return types.at(type);
}

Header read_header(std::string_view bytes) {
  Cursor cursor(bytes);
  if (cursor.take(4) != "GGUF") {
    bad_input("not a GGUF file: it does not begin with GGUF");
  }
  Header header;
  header.version = cursor.number<std::uint32_t>();
  if (header.version != 2 && header.version != 3) {
    bad_input("GGUF version {}: 2 and 3 are read{}", header.version,
              (header.version & 0xFFFF) == 0 ? ", in little-endian order" : "");
  }
  const auto tensors = cursor.number<std::uint64_t>();
  const auto settings = cursor.number<std::uint64_t>();
  if (tensors > most_tensors || settings > most_settings) {
    bad_input("{} tensors and {} settings: more than any model has", tensors, settings);
  }
  for (std::uint64_t i = 0; i < settings; ++i) {
    const std::string_view key = cursor.text();
    const auto kind = static_cast<Kind>(cursor.number<std::uint32_t>());
    if (!header.settings.emplace(key, read_value(cursor, kind, 0)).second) {
      bad_input("the setting '{}' is there twice", key.substr(0, 100));
    }
  }
  for (std::uint64_t i = 0; i < tensors; ++i) {
    header.tensors.push_back(read_tensor(cursor));
  }
  header.data = cursor.at();
  return header;
}

}  // namespace flopmeter::gguf
