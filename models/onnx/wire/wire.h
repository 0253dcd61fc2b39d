// The wire format of protocol buffers: a message is a sequence of numbered fields. Bounds only; what
// the fields mean is said in proto.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace flopmeter::onnx {

enum class WireType { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// One field. `integer` holds varints and fixed-width numbers, `bytes` views the message.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t integer = 0;
  std::string_view bytes;
};

/// Walks over the fields of one message.
class WireReader {
 public:
  /// `origin` is the first byte of the file: errors name offsets from there.
  WireReader(std::string_view message, const char* origin) : rest_(message), origin_(origin) {}

  /// The next field; false at the end of the message. Throws BadInput with the offset: a number longer
  /// than 64 bits, a length beyond the message, a type that protocol buffers do not have.
  bool next(WireField& field);

  const char* origin() const { return origin_; }

 private:
  std::uint64_t varint();
  std::string_view take(std::uint64_t length);
  template <class Integer>
  std::uint64_t fixed();
  [[noreturn]] void fail(std::string_view what) const;

  std::string_view rest_;
  const char* origin_;
};

/// The elements of a repeated number, packed or not. Throw BadInput.
void append_varints(const WireField& field, const char* origin, std::vector<std::int64_t>& to);
void append_floats(const WireField& field, std::vector<double>& to);
void append_doubles(const WireField& field, std::vector<double>& to);

}  // namespace flopmeter::onnx
