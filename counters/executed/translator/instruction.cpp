#include "counters/executed/translator/instruction.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "counters/executed/translator/common.h"
#include "counters/executed/translator/memory.h"

namespace flopmeter::executed {
namespace {

struct Decoded {
  ZydisDecodedInstruction instruction;
  std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;

  const ZydisDecodedOperand* begin() const { return operands.data(); }
  const ZydisDecodedOperand* end() const { return operands.data() + instruction.operand_count; }
};

struct FlowOf {
  ZydisMnemonic mnemonic;
  Flow flow;
};

constexpr std::array flows{
    FlowOf{ZYDIS_MNEMONIC_JRCXZ, Flow::count},
    FlowOf{ZYDIS_MNEMONIC_JECXZ, Flow::count},
    FlowOf{ZYDIS_MNEMONIC_LOOP, Flow::count},
    FlowOf{ZYDIS_MNEMONIC_LOOPE, Flow::count},
    FlowOf{ZYDIS_MNEMONIC_LOOPNE, Flow::count},
    FlowOf{ZYDIS_MNEMONIC_JMP, Flow::jump},
    FlowOf{ZYDIS_MNEMONIC_CALL, Flow::call},
    FlowOf{ZYDIS_MNEMONIC_RET, Flow::ret},
    FlowOf{ZYDIS_MNEMONIC_SYSCALL, Flow::system_call},
    FlowOf{ZYDIS_MNEMONIC_LDTILECFG, Flow::tile_configuration},
    FlowOf{ZYDIS_MNEMONIC_TILERELEASE, Flow::tile_configuration},
    FlowOf{ZYDIS_MNEMONIC_XBEGIN, Flow::transaction},
    FlowOf{ZYDIS_MNEMONIC_INT, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_SYSENTER, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_SYSEXIT, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_SYSRET, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_IRET, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_IRETD, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_IRETQ, Flow::unsupported},
    // gs belongs to the counter.
    FlowOf{ZYDIS_MNEMONIC_RDGSBASE, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_WRGSBASE, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_SWAPGS, Flow::unsupported},
    FlowOf{ZYDIS_MNEMONIC_LGS, Flow::unsupported},
};

// What overwrites PF, AF, ZF, SF and OF and reads none of them. Not shifts, which leave the flags
// alone when the count is zero.
constexpr std::array flag_writers{
    ZYDIS_MNEMONIC_ADD,      ZYDIS_MNEMONIC_ADC,      ZYDIS_MNEMONIC_SUB,
    ZYDIS_MNEMONIC_SBB,      ZYDIS_MNEMONIC_CMP,      ZYDIS_MNEMONIC_NEG,
    ZYDIS_MNEMONIC_INC,      ZYDIS_MNEMONIC_DEC,      ZYDIS_MNEMONIC_AND,
    ZYDIS_MNEMONIC_OR,       ZYDIS_MNEMONIC_XOR,      ZYDIS_MNEMONIC_TEST,
    ZYDIS_MNEMONIC_COMISS,   ZYDIS_MNEMONIC_COMISD,   ZYDIS_MNEMONIC_UCOMISS,
    ZYDIS_MNEMONIC_UCOMISD,  ZYDIS_MNEMONIC_VCOMISS,  ZYDIS_MNEMONIC_VCOMISD,
    ZYDIS_MNEMONIC_VUCOMISS, ZYDIS_MNEMONIC_VUCOMISD, ZYDIS_MNEMONIC_PTEST,
    ZYDIS_MNEMONIC_VPTEST,   ZYDIS_MNEMONIC_KORTESTB, ZYDIS_MNEMONIC_KORTESTW,
    ZYDIS_MNEMONIC_KORTESTD, ZYDIS_MNEMONIC_KORTESTQ,
};

// What may leave its destination as it is, although the decoder says that it writes it: from a
// zero, and without a shadow stack.
constexpr std::array keepers{
    ZYDIS_MNEMONIC_BSF,
    ZYDIS_MNEMONIC_BSR,
    ZYDIS_MNEMONIC_RDSSPD,
    ZYDIS_MNEMONIC_RDSSPQ,
};

template <class Mnemonics>
bool is_one_of(const Mnemonics& mnemonics, ZydisMnemonic mnemonic) {
  return std::find(mnemonics.begin(), mnemonics.end(), mnemonic) != mnemonics.end();
}

/// What is asked of every instruction, by its mnemonic.
struct Known {
  Flow flow = Flow::on;
  bool writes_flags = false;
};

constexpr auto make_known() {
  std::array<Known, ZYDIS_MNEMONIC_MAX_VALUE + 1> known{};
  for (const FlowOf& row : flows) known[row.mnemonic].flow = row.flow;
  for (const ZydisMnemonic mnemonic : flag_writers) known[mnemonic].writes_flags = true;
  return known;
}
constexpr auto known = make_known();

// The number of the general register that this is a part of; -1: of none.
int general_register(ZydisRegister part) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, part);
  const bool general = whole >= ZYDIS_REGISTER_RAX && whole <= ZYDIS_REGISTER_R15;
  return general ? whole - ZYDIS_REGISTER_RAX : -1;
}

bool is_relative(const ZydisDecodedOperand& operand) {
  return operand.mem.base == ZYDIS_REGISTER_RIP || operand.mem.base == ZYDIS_REGISTER_EIP;
}

bool is_gs(ZydisRegister segment) { return segment == ZYDIS_REGISTER_GS; }

bool uses_gs(const Decoded& decoded) {
  return std::any_of(decoded.begin(), decoded.end(), [](const ZydisDecodedOperand& operand) {
    return (operand.type == ZYDIS_OPERAND_TYPE_MEMORY && is_gs(operand.mem.segment)) ||
           (operand.type == ZYDIS_OPERAND_TYPE_REGISTER && is_gs(operand.reg.value));
  });
}

bool is_far(const ZydisDecodedInstruction& instruction) {
  return instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
}

// A near branch of 16 bits: Intel and AMD do not agree on it. With REX.W the prefix only pads.
bool is_narrow(const ZydisDecodedInstruction& instruction) {
  return instruction.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE &&
         (instruction.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE) != 0 && instruction.raw.rex.W == 0;
}

// Not by category alone: that of conditional branches holds xend and xabort too.
bool is_conditional(const Decoded& decoded) {
  return decoded.instruction.meta.category == ZYDIS_CATEGORY_COND_BR &&
         decoded.operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
         decoded.operands[0].imm.is_relative != ZYAN_FALSE;
}

bool goes_through_operand(const Decoded& decoded) {
  return decoded.operands[0].type != ZYDIS_OPERAND_TYPE_IMMEDIATE;
}

Flow flow_of(const Decoded& decoded) {
  if (uses_gs(decoded) || is_far(decoded.instruction) || is_narrow(decoded.instruction))
    return Flow::unsupported;
  const Flow flow = known[decoded.instruction.mnemonic].flow;
  if (flow == Flow::on) return is_conditional(decoded) ? Flow::conditional : Flow::on;
  if (flow == Flow::jump && goes_through_operand(decoded)) return Flow::jump_indirect;
  if (flow == Flow::call && goes_through_operand(decoded)) return Flow::call_indirect;
  return flow;
}

bool has_direct_target(Flow flow) {
  return flow == Flow::jump || flow == Flow::conditional || flow == Flow::count ||
         flow == Flow::call || flow == Flow::transaction;
}

std::uint64_t branch_target(const Decoded& decoded, std::uint64_t address) {
  return address + decoded.instruction.length +
         static_cast<std::uint64_t>(decoded.operands[0].imm.value.s);
}

// Where the opcode byte of a branch of one opcode byte stands: before ModRM or the immediate.
std::uint8_t opcode_offset(const ZydisDecodedInstruction& instruction) {
  const std::uint8_t after = (instruction.attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0
                                 ? instruction.raw.modrm.offset
                                 : instruction.raw.imm[0].offset;
  return static_cast<std::uint8_t>(after - 1);
}

void set_flow(Instruction& result, const Decoded& decoded) {
  result.flow = flow_of(decoded);
  result.condition = decoded.instruction.opcode & 0xfU;
  if (has_direct_target(result.flow)) result.target = branch_target(decoded, result.address);
  if (result.flow == Flow::count || result.flow == Flow::jump_indirect ||
      result.flow == Flow::call_indirect)
    result.opcode_at = opcode_offset(decoded.instruction);
  if (result.flow == Flow::ret && decoded.operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
    result.stack_release = static_cast<std::uint16_t>(decoded.operands[0].imm.value.u);
}

void set_relative_operand(Instruction& result, const Decoded& decoded) {
  for (const ZydisDecodedOperand& operand : decoded) {
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY || !is_relative(operand)) continue;
    result.displacement_at = decoded.instruction.raw.disp.offset;
    result.target = result.address + decoded.instruction.length +
                    static_cast<std::uint64_t>(operand.mem.disp.value);
    // Of 32 bits, and so is what is copied, wherever it stands.
    if (operand.mem.base == ZYDIS_REGISTER_EIP) result.target &= 0xffffffff;
  }
}

std::uint16_t bit_of(ZydisRegister part) {
  const int number = general_register(part);
  return number < 0 ? 0 : static_cast<std::uint16_t>(1U << static_cast<unsigned>(number));
}

void set_register(Instruction& result, const ZydisDecodedOperand& operand, bool keeps) {
  const std::uint16_t bit = bit_of(operand.reg.value);
  const bool whole = !keeps && operand.size >= 32 && operand.actions == ZYDIS_OPERAND_ACTION_WRITE;
  (whole ? result.registers_overwritten : result.registers_touched) |= bit;
  const bool mask =
      operand.reg.value >= ZYDIS_REGISTER_K0 && operand.reg.value <= ZYDIS_REGISTER_K7;
  if (mask && (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0)
    result.masks_written |= static_cast<std::uint8_t>(
        1U << static_cast<unsigned>(operand.reg.value - ZYDIS_REGISTER_K0));
}

void set_registers(Instruction& result, const Decoded& decoded) {
  const bool keeps = is_one_of(keepers, decoded.instruction.mnemonic);
  for (const ZydisDecodedOperand& operand : decoded) {
    if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) set_register(result, operand, keeps);
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) continue;
    if ((operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0) result.writes_memory = true;
    result.registers_touched |=
        static_cast<std::uint16_t>(bit_of(operand.mem.base) | bit_of(operand.mem.index));
  }
  result.registers_overwritten &= static_cast<std::uint16_t>(~result.registers_touched);
  // xrstor and its like restore masks too.
  if (decoded.instruction.meta.category == ZYDIS_CATEGORY_XSAVE) result.masks_written = 0xff;
}

// As longjmp does. A function that ends moves rbp there.
bool switches_stack(const Decoded& decoded) {
  const ZydisDecodedOperand& to = decoded.operands[0];
  const ZydisDecodedOperand& from = decoded.operands[1];
  const ZydisMnemonic mnemonic = decoded.instruction.mnemonic;
  return (mnemonic == ZYDIS_MNEMONIC_MOV || mnemonic == ZYDIS_MNEMONIC_XCHG) &&
         to.type == ZYDIS_OPERAND_TYPE_REGISTER && to.reg.value == ZYDIS_REGISTER_RSP &&
         !(from.type == ZYDIS_OPERAND_TYPE_REGISTER && from.reg.value == ZYDIS_REGISTER_RBP);
}

// What stores all flags is not always said to test them.
bool reads_flags(const ZydisDecodedInstruction& instruction) {
  constexpr std::array savers{ZYDIS_MNEMONIC_PUSHF, ZYDIS_MNEMONIC_PUSHFD, ZYDIS_MNEMONIC_PUSHFQ,
                              ZYDIS_MNEMONIC_LAHF};
  constexpr ZydisAccessedFlagsMask status =
      ZYDIS_CPUFLAG_PF | ZYDIS_CPUFLAG_AF | ZYDIS_CPUFLAG_ZF | ZYDIS_CPUFLAG_SF | ZYDIS_CPUFLAG_OF;
  return (instruction.cpu_flags != nullptr && (instruction.cpu_flags->tested & status) != 0) ||
         is_one_of(savers, instruction.mnemonic);
}

ZydisDecoder make_decoder() {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  return decoder;
}

// Made before anything is counted: it is the same for every instruction.
const ZydisDecoder decoder_of_64_bits = make_decoder();

bool decode(const std::uint8_t* bytes, std::size_t available, Decoded& decoded) {
  return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder_of_64_bits, bytes, available,
                                             &decoded.instruction, decoded.operands.data()));
}

}  // namespace

Instruction instruction_at(const std::uint8_t* bytes, std::size_t available,
                           std::uint64_t address) {
  Instruction common;
  if (available >= common_bytes && decode_common(bytes, address, common)) return common;
  return any_instruction_at(bytes, available, address);
}

Instruction any_instruction_at(const std::uint8_t* bytes, std::size_t available,
                               std::uint64_t address) {
  Instruction result{.address = address, .flow = Flow::unsupported};
  Decoded decoded;
  if (!decode(bytes, available, decoded)) return result;
  result.length = decoded.instruction.length;
  set_relative_operand(result, decoded);
  set_flow(result, decoded);
  set_registers(result, decoded);
  result.reads_flags = reads_flags(decoded.instruction);
  result.overwrites_flags = known[decoded.instruction.mnemonic].writes_flags;
  result.repeated = (decoded.instruction.attributes &
                     (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)) != 0;
  result.switches_stack = switches_stack(decoded);
  result.wide = decoded.instruction.avx.vector_length == 512;
  result.arithmetic = arithmetic_of(decoded.instruction, decoded.operands.data());
  for (const Arithmetic& arithmetic : result.arithmetic)
    if (arithmetic.lanes == 0)
      result.tiles = tiles_of(decoded.instruction, decoded.operands.data());
  return result;
}

void text_of(const std::uint8_t* bytes, std::size_t available, std::uint64_t address, char* text,
             std::size_t size) {
  Decoded decoded;
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  if (!decode(bytes, available, decoded) ||
      !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
          &formatter, &decoded.instruction, decoded.operands.data(),
          decoded.instruction.operand_count_visible, text, size, address, nullptr)))
    std::copy_n("bad instruction", std::min<std::size_t>(16, size), text);
}

void text_at(std::uint64_t address, char* text, std::size_t size) {
  constexpr std::size_t longest = 15;  // bytes of an instruction
  const std::size_t available = readable_bytes(address, longest);
  if (available == 0)
    std::strncpy(text, "code that cannot be read", size);
  else
    text_of(reinterpret_cast<const std::uint8_t*>(address), available, address, text, size);
}

}  // namespace flopmeter::executed
