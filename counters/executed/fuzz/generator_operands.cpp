#include "counters/executed/fuzz/generator.h"

namespace flopmeter::executed::fuzz {
namespace {

ZydisEncoderOperand register_operand(ZydisRegister value) {
  ZydisEncoderOperand result{};
  result.type = ZYDIS_OPERAND_TYPE_REGISTER;
  result.reg.value = value;
  return result;
}

ZydisRegister numbered(ZydisRegister first, std::uint32_t number) {
  return static_cast<ZydisRegister>(static_cast<std::uint32_t>(first) + number);
}

ZydisRegister general_register(std::uint8_t number, std::uint16_t width) {
  switch (width) {
    case 16:
      return numbered(ZYDIS_REGISTER_AX, number);
    case 32:
      return numbered(ZYDIS_REGISTER_EAX, number);
    case 64:
      return numbered(ZYDIS_REGISTER_RAX, number);
    default:  // al, cl, dl, bl, ah, ch, dh, bh, spl, ...
      return numbered(ZYDIS_REGISTER_AL, number < 4 ? number : number + 4U);
  }
}

std::uint16_t number_in(std::string_view word) {
  std::uint16_t number = 0;
  for (const char digit : word)
    if (digit >= '0' && digit <= '9')
      number = static_cast<std::uint16_t>(number * 10 + (digit - '0'));
  return number;
}

constexpr std::uint32_t slot_bytes = 64;
constexpr std::uint32_t slots = 15;  // of the 1024 bytes that operands are in

}  // namespace

std::uint8_t Generator::general() {
  while (true)
    if (const auto number = static_cast<std::uint8_t>(random_.below(16)); is_free(number))
      return number;
}

ZydisEncoderOperand Generator::general(std::uint8_t number, std::uint16_t width) {
  const bool high = width == 8 && number < 4 && random_.one_in(3);
  return register_operand(high ? numbered(ZYDIS_REGISTER_AH, number)
                               : general_register(number, width));
}

ZydisEncoderOperand Generator::vector(std::uint16_t width, bool evex) {
  const ZydisRegister first = width == 512   ? ZYDIS_REGISTER_ZMM0
                              : width == 256 ? ZYDIS_REGISTER_YMM0
                                             : ZYDIS_REGISTER_XMM0;
  return register_operand(numbered(first, random_.below(evex ? 32 : 16)));
}

ZydisEncoderOperand Generator::mask() {
  return register_operand(numbered(ZYDIS_REGISTER_K0, random_.below(8)));
}

ZydisEncoderOperand Generator::immediate(std::uint16_t width) {
  ZydisEncoderOperand result{};
  result.type = ZYDIS_OPERAND_TYPE_IMMEDIATE;
  result.imm.s = width <= 8 ? static_cast<std::int8_t>(random_.next())
                            : static_cast<std::int32_t>(random_.next() & 0x7fff);
  return result;
}

// Base registers, red zone, and relative to the code, near and far.
ZydisEncoderOperand Generator::memory(std::uint16_t bytes, bool is_aligned) {
  ZydisEncoderOperand result{};
  result.type = ZYDIS_OPERAND_TYPE_MEMORY;
  result.mem.size = bytes;
  const std::uint32_t slot = slot_bytes * random_.below(slots);
  const std::uint32_t offset = is_aligned ? slot : random_.below(slot_bytes * slots);
  result.mem.displacement = offset;
  result.mem.base = ZYDIS_REGISTER_R15;
  switch (random_.below(is_aligned ? 4 : 6)) {
    case 0: {
      const std::uint8_t base = general();
      result.mem.base = general_register(base, 64);
      result.mem.displacement = 0;
      ZydisEncoderOperand address = result;
      address.mem.base = ZYDIS_REGISTER_R15;
      address.mem.displacement = offset;
      address.mem.size = 8;
      encode(ZYDIS_MNEMONIC_LEA, {general(base, 64), address});
      break;
    }
    case 1:
    case 2: {
      const bool far = random_.one_in(2);
      result.mem.base = ZYDIS_REGISTER_RIP;
      result.mem.displacement += reinterpret_cast<ZyanI64>(far ? place_.far() : place_.near());
      break;
    }
    case 4: {
      result.mem.index = general_register(small_index(256), 64);
      result.mem.scale = static_cast<ZyanU8>(1U << random_.below(4));
      break;
    }
    case 5:
      result.mem.base = ZYDIS_REGISTER_RSP;
      result.mem.displacement = -static_cast<ZyanI64>(bytes + random_.below(128U - bytes + 1));
      break;
    default:
      break;
  }
  return result;
}

// A register that holds less than `end`, a power of two up to 256.
std::uint8_t Generator::small_index(std::uint32_t end) {
  const std::uint8_t index = general();
  const ZydisEncoderOperand whole = register_operand(general_register(index, 32));
  encode(ZYDIS_MNEMONIC_MOVZX, {whole, register_operand(general_register(index, 8))});
  if (end == 256) return index;
  ZydisEncoderOperand bits{};
  bits.type = ZYDIS_OPERAND_TYPE_IMMEDIATE;
  bits.imm.u = end - 1;
  encode(ZYDIS_MNEMONIC_AND, {whole, bits});
  return index;
}

ZydisEncoderOperand Generator::operand(std::string_view word, std::uint16_t width,
                                       const Form& form) {
  if (word == "cl") return register_operand(ZYDIS_REGISTER_CL);
  if (word == "st0") return register_operand(ZYDIS_REGISTER_ST0);
  if (word == "st") return register_operand(numbered(ZYDIS_REGISTER_ST0, random_.below(8)));
  const bool is_aligned = (form.extra & aligned) != 0;
  const std::uint16_t own = number_in(word);
  const auto bytes = static_cast<std::uint16_t>((own != 0 ? own : width) / 8);
  const bool in_memory =
      word[0] == 'm' || ((word[0] == 'e' || word[0] == 'V') && random_.one_in(2));
  if (in_memory) return memory(bytes, is_aligned);
  switch (word[0]) {
    case 'k':
      return mask();
    case 'i':
      return immediate(8);
    case 'I':
      return immediate(width);
    case 'v':
      return vector(width, (form.extra & evex) != 0);
    case 'V':
      return vector(own >= 128 || own == 0 ? static_cast<std::uint16_t>(bytes * 8) : 128,
                    (form.extra & evex) != 0);
    default:
      return general(general(), own != 0 ? own : width);
  }
}

void Generator::encode(ZydisMnemonic mnemonic,
                       std::initializer_list<ZydisEncoderOperand> operands) {
  ZydisEncoderRequest request{};
  request.machine_mode = ZYDIS_MACHINE_MODE_LONG_64;
  request.mnemonic = mnemonic;
  for (const ZydisEncoderOperand& one : operands) request.operands[request.operand_count++] = one;
  code_.encode(request);
}

void Generator::load_address(std::uint8_t to, Label label) {  // lea to, [rip + label]
  code_.bytes(to < 8 ? 0x48 : 0x4c, 0x8d, 0x05 | (to & 7U) << 3U);
  code_.relative(label);
}

void Generator::set(std::uint8_t to, std::uint32_t value) {  // mov to, value
  if (to >= 8) code_.bytes(0x41);
  code_.bytes(0xb8 | (to & 7U));
  code_.put(value);
}

}  // namespace flopmeter::executed::fuzz
