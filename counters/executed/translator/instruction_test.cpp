#include "counters/executed/translator/instruction.h"

#include <gmock/gmock.h>

#include <vector>

namespace flopmeter::executed {
namespace {

Instruction decode(const std::vector<std::uint8_t>& bytes, std::uint64_t address = 0x1000) {
  return instruction_at(bytes.data(), bytes.size(), address);
}

// Neither writes its destination when the source is zero, whatever the decoder says.
TEST(Instruction, BitScansKeepTheirDestination) {
  constexpr unsigned rcx = 1U << 1;
  for (const std::uint8_t opcode : {0xbc, 0xbd}) {
    const Instruction scan = decode({0x48, 0x0f, opcode, 0xc8});  // bsf, bsr rcx, rax
    EXPECT_EQ(scan.registers_overwritten & rcx, 0U);
    EXPECT_EQ(scan.registers_touched & rcx, rcx);
  }
  EXPECT_EQ(decode({0x48, 0x8b, 0x08}).registers_overwritten, rcx);  // mov rcx, [rax]
}

TEST(Instruction, RelativeOperands) {
  // mov rax, [rip - 16] and mov rax, [eip - 16]
  EXPECT_EQ(decode({0x48, 0x8b, 0x05, 0xf0, 0xff, 0xff, 0xff}, 0x1000).target, 0xff7U);
  EXPECT_EQ(decode({0x67, 0x48, 0x8b, 0x05, 0xf0, 0xff, 0xff, 0xff}, 0x1'0000'0000).target,
            0xfffffff8U);
}

}  // namespace
}  // namespace flopmeter::executed
