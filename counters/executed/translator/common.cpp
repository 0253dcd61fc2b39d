#include "counters/executed/translator/common.h"

#include <cstring>

#include "counters/executed/translator/common_forms.h"

namespace flopmeter::executed {
namespace {

using namespace common;

/// One instruction while it is read.
class Reader {
 public:
  Reader(const std::uint8_t* bytes, Instruction& result) : bytes_(bytes), result_(result) {}

  bool read() {
    if ((bytes_[at_] & 0xf0U) == 0x40) rex_ = bytes_[at_++];
    const bool two = bytes_[at_] == 0x0f;
    if (two) ++at_;
    const std::uint8_t opcode = bytes_[at_];
    form_ = two ? two_byte[opcode] : one_byte[opcode];
    if (!form_.known) return false;
    result_.condition = opcode & 0xfU;
    const std::uint8_t opcode_at = at_++;
    if (form_.modrm ? !read_modrm() : !read_register(opcode)) return false;
    if (form_.flow == Flow::jump_indirect || form_.flow == Flow::call_indirect)
      result_.opcode_at = opcode_at;
    finish();
    return true;
  }

 private:
  bool has(unsigned bit) const { return (rex_ & bit) != 0; }
  static bool reads(Access access) { return access == Access::read || access == Access::both; }
  static bool writes(Access access) { return access == Access::write || access == Access::both; }

  // Without REX, four of the registers of 8 bits are the upper halves of others.
  void use(unsigned number, Access access, bool byte) {
    if (access == Access::none) return;
    if (byte && rex_ == 0) number &= 3U;
    const auto bit = static_cast<std::uint16_t>(1U << number);
    (access == Access::write && !byte ? result_.registers_overwritten
                                      : result_.registers_touched) |= bit;
  }

  // What moves to the stack register is left to the other decoder.
  bool read_register(std::uint8_t opcode) {
    if (form_.reg == Access::none) return true;
    const unsigned number = (opcode & 7U) | (has(1) ? 8U : 0U);
    if (number == rsp && form_.reg == Access::write && !form_.byte) return false;
    use(number, form_.reg, form_.byte);
    return true;
  }

  bool read_modrm() {
    const std::uint8_t modrm = bytes_[at_++];
    const unsigned middle = modrm >> 3U & 7U;
    if (form_.group != 0) form_ = groups[form_.group][middle];
    if (!form_.known) return false;
    const unsigned reg = middle | (has(4) ? 8U : 0U);
    if (reg == rsp && form_.reg == Access::write && !form_.byte) return false;
    use(reg, form_.reg, form_.byte);
    if (modrm >> 6U != 3) {
      if (writes(form_.operand)) result_.writes_memory = true;
      read_address(modrm >> 6U, modrm & 7U);
      return true;
    }
    const unsigned number = (modrm & 7U) | (has(1) ? 8U : 0U);
    const bool byte = form_.byte || form_.byte_operand;
    if (form_.memory_only || (number == rsp && form_.operand == Access::write && !byte))
      return false;
    if (!form_.vector) use(number, form_.operand, byte);
    return true;
  }

  void read_address(unsigned mod, unsigned low) {
    unsigned base = low;
    if (low == rsp) {
      const std::uint8_t sib = bytes_[at_++];
      const unsigned index = (sib >> 3U & 7U) | (has(2) ? 8U : 0U);
      if (index != rsp) use(index, Access::read, false);
      base = sib & 7U;
    }
    if (base == rbp && mod == 0) {
      if (low != rsp) result_.displacement_at = at_;
      at_ += 4;
      return;
    }
    use(base | (has(1) ? 8U : 0U), Access::read, false);
    at_ += mod == 1 ? 1 : mod == 2 ? 4 : 0;
  }

  std::uint8_t immediate_bytes() const {
    switch (form_.immediate) {
      case Immediate::none:
        return 0;
      case Immediate::byte:
        return 1;
      case Immediate::word:
        return 4;
      case Immediate::whole:
        return has(8) ? 8 : 4;
    }
    return 0;
  }

  std::int64_t number_at(std::uint8_t at, bool byte) const {
    if (byte) return static_cast<std::int8_t>(bytes_[at]);
    std::int32_t value = 0;
    std::memcpy(&value, bytes_ + at, sizeof value);
    return value;
  }

  void finish() {
    const std::uint8_t immediate_at = at_;
    at_ += immediate_bytes();
    result_.length = at_;
    result_.flow = form_.flow;
    const bool direct =
        form_.flow == Flow::jump || form_.flow == Flow::conditional || form_.flow == Flow::call;
    const std::uint64_t next = result_.address + at_;
    if (direct)
      result_.target = next + static_cast<std::uint64_t>(
                                  number_at(immediate_at, form_.immediate == Immediate::byte));
    else if (result_.displacement_at != 0)
      result_.target = next + static_cast<std::uint64_t>(number_at(result_.displacement_at, false));
    result_.overwrites_flags = form_.overwrites_flags;
    result_.reads_flags = form_.reads_flags;
    result_.registers_touched |= form_.touched;
    result_.registers_overwritten |= form_.overwritten;
    if (form_.stack) result_.registers_touched |= 1U << rsp;
    if (form_.pushes) result_.writes_memory = true;
    result_.registers_overwritten &= static_cast<std::uint16_t>(~result_.registers_touched);
  }

  const std::uint8_t* bytes_;
  Instruction& result_;
  Form form_;
  std::uint8_t rex_ = 0;
  std::uint8_t at_ = 0;
};

}  // namespace

bool decode_common(const std::uint8_t* bytes, std::uint64_t address, Instruction& result) {
  result = {.address = address};
  return Reader(bytes, result).read();
}

}  // namespace flopmeter::executed
