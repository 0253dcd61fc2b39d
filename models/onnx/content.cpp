#include "models/onnx/content.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/onnx/wire/external.h"
#include "models/onnx/wire/wire.h"

namespace flopmeter::onnx {
namespace {

std::int64_t element_count(const TensorProto& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t dim : tensor.dims) {
    count = checked_multiply(count, dim);
  }
  return count;
}

double half_to_double(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double mantissa = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) {
    return mantissa != 0 ? std::nan("") : sign * INFINITY;
  }
  return sign *
         (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25));
}

double bfloat_to_double(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

template <class T>
T load(std::string_view bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

/// One integer element of raw data.
std::int64_t raw_integer(Elem elem, std::string_view bytes, std::size_t i) {
  switch (elem) {
    case Elem::s64:
    case Elem::u64:
      return load<std::int64_t>(bytes, i);
    case Elem::s32:
      return load<std::int32_t>(bytes, i);
    case Elem::u32:
      return load<std::uint32_t>(bytes, i);
    case Elem::s16:
      return load<std::int16_t>(bytes, i);
    case Elem::u16:
      return load<std::uint16_t>(bytes, i);
    case Elem::s8:
      return load<std::int8_t>(bytes, i);
    default:
      return load<std::uint8_t>(bytes, i);
  }
}

double raw_real(Elem elem, std::string_view bytes, std::size_t i) {
  switch (elem) {
    case Elem::f64:
      return load<double>(bytes, i);
    case Elem::f16:
      return half_to_double(load<std::uint16_t>(bytes, i));
    case Elem::bf16:
      return bfloat_to_double(load<std::uint16_t>(bytes, i));
    default:
      return load<float>(bytes, i);
  }
}

/// The typed fields, in which small integers and half floats are stored as 32-bit integers.
Content typed_content(const TensorProto& tensor, std::size_t most) {
  Content content{is_float(tensor.elem), {}, {}};
  WireReader reader(tensor.message, tensor.message.data());
  WireField f;
  std::vector<std::int64_t> integers;
  while (reader.next(f)) {
    // A number takes ten bytes at the most.
    if (f.bytes.size() > 10 * most &&
        (f.number == 4 || f.number == 5 || f.number == 7 || f.number == 10 || f.number == 11)) {
      bad_input("tensor '{}' has more data than its shape", tensor.name);
    }
    if (f.number == 4) {
      append_floats(f, content.reals);
    } else if (f.number == 10) {
      append_doubles(f, content.reals);
    } else if (f.number == 5 || f.number == 7 || f.number == 11) {
      append_varints(f, tensor.message.data(), integers);
    }
  }
  for (const std::int64_t value : integers) {
    if (!content.real) {
      content.integers.emplace_back(value);
    } else {
      const auto bits = static_cast<std::uint16_t>(value);
      content.reals.push_back(tensor.elem == Elem::bf16 ? bfloat_to_double(bits)
                                                        : half_to_double(bits));
    }
  }
  return content;
}

Content raw_content(const TensorProto& tensor, std::string_view bytes, std::size_t count) {
  Content content{is_float(tensor.elem), {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    if (content.real) {
      content.reals.push_back(raw_real(tensor.elem, bytes, i));
    } else {
      content.integers.emplace_back(raw_integer(tensor.elem, bytes, i));
    }
  }
  return content;
}

/// Numbers of whole bytes that this file can read.
bool readable(Elem elem) {
  return (is_integer(elem) && bits_of(elem) >= 8) || (is_float(elem) && bits_of(elem) >= 16);
}

}  // namespace

Contents read_content(const TensorProto& tensor, const ExternalData* external) {
  const std::int64_t count = element_count(tensor);
  if (count > max_content || !readable(tensor.elem) || tensor.sparse) {
    return nullptr;
  }
  const auto size = static_cast<std::size_t>(count);
  const std::size_t bytes = size * static_cast<std::size_t>(bits_of(tensor.elem)) / 8;
  std::string stored;
  std::string_view raw = tensor.raw;
  if (tensor.external) {
    if (external == nullptr || !is_integer(tensor.elem) || !external->read(tensor, bytes, stored)) {
      return nullptr;
    }
    raw = stored;
  }
  Content content = tensor.has_raw || tensor.external
                        ? (raw.size() < bytes ? Content{} : raw_content(tensor, raw, size))
                        : typed_content(tensor, size);
  if (content.size() != size) {
    bad_input("tensor '{}' of {} elements has data for {}", tensor.name, count, content.size());
  }
  return std::make_shared<const Content>(std::move(content));
}

std::optional<std::vector<float>> read_numbers(const TensorProto& tensor,
                                               const ExternalData& external) {
  const auto size = static_cast<std::size_t>(element_count(tensor));
  if (!readable(tensor.elem) || tensor.sparse) {
    bad_input("tensor '{}' of {} cannot be read as numbers", tensor.name, to_string(tensor.elem));
  }
  const std::size_t bytes = size * static_cast<std::size_t>(bits_of(tensor.elem)) / 8;
  std::string stored;
  std::string_view raw = tensor.raw;
  if (tensor.external) {
    if (!external.read(tensor, bytes, stored)) {
      return std::nullopt;
    }
    raw = stored;
  }
  std::vector<float> numbers(size);
  if (tensor.has_raw || tensor.external) {
    if (raw.size() < bytes) {
      bad_input("tensor '{}' of {} elements has data of {} bytes", tensor.name, size, raw.size());
    }
    if (tensor.elem == Elem::f32) {
      std::memcpy(numbers.data(), raw.data(), bytes);
      return numbers;
    }
  }
  const Content content = tensor.has_raw || tensor.external ? raw_content(tensor, raw, size)
                                                            : typed_content(tensor, size);
  return numbers_of(content, size, tensor.name);
}

std::vector<float> numbers_of(const Content& content, std::size_t size, std::string_view name) {
  if (content.size() != size) {
    bad_input("tensor '{}' of {} elements has data for {}", name, size, content.size());
  }
  std::vector<float> numbers;
  numbers.reserve(size);
  for (const double value : content.reals) {
    numbers.push_back(static_cast<float>(value));
  }
  for (const Dim& value : content.integers) {
    if (!value.known()) {
      bad_input("tensor '{}' has a value that only a run would show: {}", name, value.text());
    }
    numbers.push_back(static_cast<float>(value.value()));
  }
  return numbers;
}

}  // namespace flopmeter::onnx
