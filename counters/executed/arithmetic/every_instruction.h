// For tests: one encoding of every form of every instruction that 64-bit code may hold.
#pragma once

#include <Zydis/Zydis.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace flopmeter::executed {

/// An instruction up to its opcode. A ModRM byte, an address and an immediate follow.
using OpcodeBytes = std::vector<std::uint8_t>;

template <class F>
void for_each_legacy_opcode(F&& f) {
  const std::vector<OpcodeBytes> prefixes{{}, {0x66}, {0xF2}, {0xF3}};
  const std::vector<OpcodeBytes> maps{{}, {0x0F}, {0x0F, 0x38}, {0x0F, 0x3A}};
  for (OpcodeBytes bytes : prefixes) {
    for (const bool wide : {false, true}) {
      if (wide) {
        bytes.push_back(0x48);  // REX.W
      }
      for (const OpcodeBytes& map : maps) {
        OpcodeBytes opcode = bytes;
        opcode.insert(opcode.end(), map.begin(), map.end());
        f(opcode);
      }
    }
  }
}

/// vvvv: unused, or register 2.
inline constexpr std::array<std::uint8_t, 2> inverted_vvvv{0x78, 0x68};

template <class F>
void for_each_vex_opcode(F&& f) {
  for (std::uint8_t map = 1; map <= 3; ++map) {
    for (int low = 0; low < 8; ++low) {  // vector length and prefix
      for (const int w : {0x00, 0x80}) {
        for (const int vvvv : inverted_vvvv) {
          f(OpcodeBytes{0xC4, static_cast<std::uint8_t>(0xE0 | map),
                        static_cast<std::uint8_t>(w | vvvv | low)});
        }
      }
    }
  }
}

template <class F>
void for_each_evex_opcode(F&& f) {
  for (const std::uint8_t map : {1, 2, 3, 5, 6}) {
    for (int prefix = 0; prefix < 4; ++prefix) {
      for (const int w : {0x00, 0x80}) {
        for (const int vvvv : inverted_vvvv) {
          for (const int length : {0x00, 0x20, 0x40}) {
            for (const int last : {0x08, 0x09, 0x18, 0x19}) {  // broadcast or rounding, k1
              f(OpcodeBytes{0x62, static_cast<std::uint8_t>(0xF0 | map),
                            static_cast<std::uint8_t>(w | vvvv | 0x04 | prefix),
                            static_cast<std::uint8_t>(length | last)});
            }
          }
        }
      }
    }
  }
}

/// f(const ZydisDecodedInstruction&, const ZydisDecodedOperand*) of all that decode: every opcode
/// with registers, in memory at rax, and with every x87 register. About 4 million attempts.
template <class F>
void for_each_instruction(F&& f) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  ZydisDecodedInstruction instruction;
  std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
  const auto with_opcodes = [&](const OpcodeBytes& prefix) {
    OpcodeBytes bytes(prefix.size() + 16);
    std::ranges::copy(prefix, bytes.begin());
    for (int opcode = 0; opcode < 256; ++opcode) {
      const bool x87 = prefix.empty() && opcode >= 0xD8 && opcode <= 0xDF;
      for (int modrm = 0; modrm < 256; ++modrm) {
        if (!x87 && (modrm & 0xC7) != 0x00 && (modrm & 0xC7) != 0xC1) {
          continue;
        }
        bytes[prefix.size()] = static_cast<std::uint8_t>(opcode);
        bytes[prefix.size() + 1] = static_cast<std::uint8_t>(modrm);
        if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes.data(), bytes.size(), &instruction,
                                                operands.data()))) {
          f(instruction, operands.data());
        }
      }
    }
  };
  for_each_legacy_opcode(with_opcodes);
  for_each_vex_opcode(with_opcodes);
  for_each_evex_opcode(with_opcodes);
}

}  // namespace flopmeter::executed
