#include "counters/executed/translator/common.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace flopmeter::executed {
namespace {

using Bytes = std::array<std::uint8_t, common_bytes>;

/// Compares every instruction that is common with what the decoder of all instructions says.
class Comparison {
 public:
  void look_at(const Bytes& bytes) {
    constexpr std::uint64_t address = 0x7654'3210'1234;
    Instruction common;
    if (!decode_common(bytes.data(), address, common)) return;
    ++compared;
    const Instruction any = any_instruction_at(bytes.data(), bytes.size(), address);
    if (common == any) return;
    ++different;
    if (different > 5) return;
    std::array<char, 96> text;
    text_of(bytes.data(), bytes.size(), address, text.data(), text.size());
    ADD_FAILURE() << text.data() << " bytes " << std::hex << int{bytes[0]} << " " << int{bytes[1]}
                  << " " << int{bytes[2]} << " " << int{bytes[3]} << "; length " << std::dec
                  << int{common.length} << " " << int{any.length} << ", flow "
                  << static_cast<int>(common.flow) << " " << static_cast<int>(any.flow)
                  << ", touched " << std::hex << common.registers_touched << " "
                  << any.registers_touched << ", overwritten " << common.registers_overwritten
                  << " " << any.registers_overwritten << ", flags " << common.overwrites_flags
                  << common.reads_flags << " " << any.overwrites_flags << any.reads_flags
                  << ", stores " << common.writes_memory << " " << any.writes_memory
                  << ", condition " << int{common.condition} << " " << int{any.condition}
                  << ", opcode at " << int{common.opcode_at} << " " << int{any.opcode_at}
                  << ", displacement at " << int{common.displacement_at} << " "
                  << int{any.displacement_at};
  }

  int compared = 0;
  int different = 0;
};

// Every opcode, with and without each REX, with every ModRM; behind it some of every SIB and
// displacement.
TEST(Common, IsAsTheDecoderOfAllInstructionsSays) {
  std::minstd_rand random(1);
  Comparison comparison;
  for (int rex = 0x3f; rex <= 0x4f; ++rex)
    for (int opcode = 0; opcode < 512; ++opcode)
      for (int modrm = 0; modrm < 256; ++modrm) {
        Bytes bytes;
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 8U);
        std::size_t at = 0;
        if (rex > 0x3f) bytes[at++] = static_cast<std::uint8_t>(rex);
        if (opcode >= 256) bytes[at++] = 0x0f;
        bytes[at++] = static_cast<std::uint8_t>(opcode);
        bytes[at++] = static_cast<std::uint8_t>(modrm);
        comparison.look_at(bytes);
      }
  EXPECT_EQ(comparison.different, 0);
  EXPECT_GT(comparison.compared, 500'000);
}

// All addresses of one operand: mov rax, [...]
TEST(Common, Addresses) {
  std::minstd_rand random(2);
  Comparison comparison;
  for (int rex = 0x48; rex <= 0x4f; ++rex)
    for (int modrm = 0; modrm < 256; ++modrm)
      for (int sib = 0; sib < 256; ++sib) {
        Bytes bytes;
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 8U);
        bytes[0] = static_cast<std::uint8_t>(rex);
        bytes[1] = 0x8b;
        bytes[2] = static_cast<std::uint8_t>(modrm);
        bytes[3] = static_cast<std::uint8_t>(sib);
        comparison.look_at(bytes);
      }
  EXPECT_EQ(comparison.different, 0);
  EXPECT_GT(comparison.compared, 400'000);
}

}  // namespace
}  // namespace flopmeter::executed
