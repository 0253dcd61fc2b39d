// Machine code that is written into memory, with labels.
#pragma once

#include <Zydis/Zydis.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace flopmeter::executed::fuzz {

using Label = std::uint32_t;

class Code {
 public:
  explicit Code(std::uint8_t* at) : begin_(at), at_(at) {}

  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(at_); }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

  template <class... Bytes>
  void bytes(Bytes... values) {
    (put(static_cast<std::uint8_t>(values)), ...);
  }
  template <class Integer>
  void put(Integer value) {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  /// Whether the encoder knows such an instruction. RIP-relative operands hold absolute addresses.
  bool encode(ZydisEncoderRequest& request);

  Label label();
  void bind(Label label);
  Label here();
  /// 4 bytes, the distance to the label from their end; or the 8 bytes of its address.
  void relative(Label label);
  void absolute(Label label);
  /// Fills in what refers to labels.
  void finish();

 private:
  struct Use {
    std::uint8_t* at;
    Label label;
    bool absolute;
  };

  std::uint8_t* begin_;
  std::uint8_t* at_;
  std::vector<std::uint64_t> labels_;
  std::vector<Use> uses_;
};

}  // namespace flopmeter::executed::fuzz
