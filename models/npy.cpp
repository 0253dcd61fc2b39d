#include "models/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"

namespace flopmeter::models {
namespace {

template <class T>
double number_at(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<double>(value);
}

/// IEEE 754 half precision: normal numbers by moving the exponent, the rest by its definition.
double half_at(const char* at) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  const auto sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
  const std::uint32_t exponent = (bits >> 10U) & 31U;
  const std::uint32_t fraction = bits & 1023U;
  if (exponent == 0) {
    return (sign != 0 ? -1 : 1) * static_cast<double>(fraction) * 0x1p-24;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23U | fraction << 13U);
}

struct NpyType {
  std::string_view name;
  std::size_t bytes;
  double (*number)(const char*);
};

constexpr std::array npy_types{
    NpyType{"f4", 4, number_at<float>},
    NpyType{"f8", 8, number_at<double>},
    NpyType{"f2", 2, half_at},
    NpyType{"i8", 8, number_at<std::int64_t>},
    NpyType{"i4", 4, number_at<std::int32_t>},
    NpyType{"i2", 2, number_at<std::int16_t>},
    NpyType{"i1", 1, number_at<std::int8_t>},
    NpyType{"u8", 8, number_at<std::uint64_t>},
    NpyType{"u4", 4, number_at<std::uint32_t>},
    NpyType{"u2", 2, number_at<std::uint16_t>},
    NpyType{"u1", 1, number_at<std::uint8_t>},
    NpyType{"b1", 1, number_at<std::uint8_t>},
};

/// What stands behind a key of the header, a Python dictionary.
std::string_view behind(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(key);
  const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos) {
    bad_input("its header has no {}", key);
  }
  const std::size_t begin = header.find_first_not_of(' ', colon + 1);
  return begin == std::string_view::npos ? std::string_view{} : header.substr(begin);
}

std::vector<std::int64_t> npy_dims(std::string_view text) {
  std::vector<std::int64_t> dims;
  const std::size_t end = text.find(')');
  if (!text.starts_with("(") || end == std::string_view::npos) {
    bad_input("the shape in its header is none");
  }
  text = text.substr(1, end - 1);
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" ,");
    if (begin == std::string_view::npos) {
      break;
    }
    std::int64_t dim = 0;
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + text.size(), dim);
    if (error != std::errc() || dim < 0) {
      bad_input("the shape in its header is none");
    }
    dims.push_back(dim);
    text = text.substr(static_cast<std::size_t>(stop - text.data()));
  }
  return dims;
}

/// The header, and what follows it.
std::pair<std::string_view, std::string_view> split_npy(std::string_view bytes) {
  if (!bytes.starts_with("\x93NUMPY") || bytes.size() < 12) {
    bad_input("it is no .npy file of NumPy");
  }
  const bool short_header = bytes[6] == 1;
  const std::size_t begin = short_header ? 10 : 12;
  std::size_t length = static_cast<unsigned char>(bytes[8]);
  for (std::size_t i = 1; i < begin - 8; ++i) {
    length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
  }
  if (length > bytes.size() - begin) {
    bad_input("it ends within its header");
  }
  return {bytes.substr(begin, length), bytes.substr(begin + length)};
}

/// From the order of columns, the first dimension running fastest, to that of rows.
std::vector<double> in_rows(const std::vector<double>& columns,
                            const std::vector<std::int64_t>& dims) {
  std::vector<double> rows(columns.size());
  std::vector<std::int64_t> place(dims.size(), 0);
  for (double& number : rows) {
    std::int64_t at = 0;
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      at = at * dims[axis] + place[axis];
    }
    number = columns[static_cast<std::size_t>(at)];
    for (std::size_t axis = dims.size(); axis-- > 0 && ++place[axis] == dims[axis];) {
      place[axis] = 0;
    }
  }
  return rows;
}

}  // namespace

NpyArray parse_npy(std::string_view bytes) {
  const auto [header, data] = split_npy(bytes);
  const std::string_view descr = behind(header, "'descr'");
  const std::string_view order = descr.size() > 2 ? descr.substr(1, 1) : "";
  const std::string_view name = descr.size() > 4 ? descr.substr(2, 2) : "";
  const auto* const type = std::ranges::find(npy_types, name, &NpyType::name);
  if (type == npy_types.end() || (order != "<" && order != "|" && order != "=") ||
      descr.substr(4, 1) != "'") {
    bad_input(
        "its numbers are {}: little-endian booleans, integers and real numbers of up to 64 bits "
        "are read",
        descr.substr(0, descr.find(',')));
  }
  NpyArray made{std::string(name), npy_dims(behind(header, "'shape'")), {}};
  std::int64_t count = 1;
  for (const std::int64_t dim : made.dims) {
    count = checked_multiply(count, dim);
  }
  const auto size =
      static_cast<std::size_t>(checked_multiply(count, static_cast<std::int64_t>(type->bytes)));
  if (data.size() != size) {
    bad_input("it has {} bytes of numbers: {} elements of {} have {}", data.size(), count, name,
              size);
  }
  for (std::size_t at = 0; at < size; at += type->bytes) {
    made.numbers.push_back(type->number(data.data() + at));
  }
  if (behind(header, "'fortran_order'").starts_with("True")) {
    made.numbers = in_rows(made.numbers, made.dims);
  }
  return made;
}

}  // namespace flopmeter::models
