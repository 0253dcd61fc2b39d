// Values of attributes, out of the bytes of their messages.
#include <bit>

#include "models/onnx/reading.h"

namespace flopmeter::onnx {
namespace {

/// Calls `take` with the fields of that number.
template <class Take>
void each_value(const AttributeProto& attribute, std::uint32_t number, Take take) {
  each_field(attribute.message, FileReading{attribute.message.data()}, [&](const WireField& f) {
    if (f.number == number) {
      take(f);
    }
  });
}

/// Where a field is given twice, the last one holds.
WireField last_value(const AttributeProto& attribute, std::uint32_t number) {
  WireField last;
  each_value(attribute, number, [&](const WireField& f) { last = f; });
  return last;
}

}  // namespace

std::string_view AttributeProto::ref() const { return last_value(*this, 21).bytes; }

double AttributeProto::real() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(last_value(*this, 2).integer));
}

std::int64_t AttributeProto::integer() const {
  return static_cast<std::int64_t>(last_value(*this, 3).integer);
}

std::string_view AttributeProto::text() const { return last_value(*this, 4).bytes; }

std::optional<TensorProto> AttributeProto::tensor() const {
  std::optional<TensorProto> found;
  const FileReading reading{message.data()};
  each_field(message, reading, [&](const WireField& f) {
    if (f.number == 5) {
      found = read_tensor(f.bytes, reading);
    } else if (f.number == 22) {
      found = read_sparse(f.bytes, reading);
    }
  });
  return found;
}

std::vector<double> AttributeProto::reals() const {
  std::vector<double> all;
  each_value(*this, 7, [&](const WireField& f) { append_floats(f, all); });
  return all;
}

std::vector<std::int64_t> AttributeProto::integers() const {
  std::vector<std::int64_t> all;
  each_value(*this, 8, [&](const WireField& f) { append_varints(f, message.data(), all); });
  return all;
}

std::vector<std::string_view> AttributeProto::texts() const {
  std::vector<std::string_view> all;
  each_value(*this, 9, [&](const WireField& f) { all.push_back(f.bytes); });
  return all;
}

}  // namespace flopmeter::onnx
