#include "counters/executed/arithmetic/arithmetic.h"

#include <algorithm>

#include "counters/executed/arithmetic/arithmetic_table.h"
#include "counters/executed/arithmetic/mnemonics.h"

namespace flopmeter::executed {
namespace {

using RowsOfOne = std::array<const Row*, 3>;  // nullptr after the last

/// The rows of every mnemonic. Made at first use; needs no memory but its own.
class Index {
 public:
  Index() {
    for (const Row& row : arithmetic_table()) {
      for_each_mnemonic(row.mnemonics, [&](std::string_view word) { insert(word, row); });
    }
  }
  const RowsOfOne& operator[](ZydisMnemonic mnemonic) const { return rows_.at(mnemonic); }

 private:
  void insert(std::string_view word, const Row& row) {
    if (const ZydisMnemonic mnemonic = find_mnemonic(word); mnemonic != ZYDIS_MNEMONIC_INVALID) {
      RowsOfOne& rows = rows_.at(mnemonic);
      *std::ranges::find(rows, nullptr) = &row;
    }
  }
  std::array<RowsOfOne, ZYDIS_MNEMONIC_MAX_VALUE + 1> rows_{};
};

bool is_general(const ZydisDecodedOperand& operand) {
  if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
    const ZydisRegisterClass kind = ZydisRegisterGetClass(operand.reg.value);
    return kind == ZYDIS_REGCLASS_GPR32 || kind == ZYDIS_REGCLASS_GPR64;
  }
  return operand.type == ZYDIS_OPERAND_TYPE_MEMORY;
}

/// The integer element of the size of the first operand in memory or a general register.
Element integer_operand(const ZydisDecodedInstruction& instruction,
                        const ZydisDecodedOperand* operands) {
  const auto* const end = operands + instruction.operand_count;
  const auto* const found = std::find_if(operands, end, is_general);
  switch (found == end ? 0 : found->size) {
    case 16:
      return Element::i16;
    case 32:
      return Element::i32;
    case 64:
      return Element::i64;
    default:
      return Element::none;
  }
}

/// Bits of the vector registers: VEX and EVEX say so, before them it was 128, and 64 of MMX.
int register_width(const ZydisDecodedInstruction& instruction,
                   const ZydisDecodedOperand* operands) {
  if (instruction.avx.vector_length != 0) {
    return instruction.avx.vector_length;
  }
  const bool mmx = operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
                   ZydisRegisterGetClass(operands[0].reg.value) == ZYDIS_REGCLASS_MMX;
  return mmx ? 64 : 128;
}

int lanes_of(const Row& row, const ZydisDecodedInstruction& instruction,
             const ZydisDecodedOperand* operands) {
  switch (row.lane_bits) {
    case scalar:
      return 1;
    case tile:
      return 0;
    default:
      return register_width(instruction, operands) / row.lane_bits;
  }
}

std::uint8_t mask_of(const ZydisDecodedInstruction& instruction) {
  const ZydisRegister mask = instruction.avx.mask.reg;
  return mask == ZYDIS_REGISTER_NONE ? 0 : static_cast<std::uint8_t>(ZydisRegisterGetId(mask));
}

std::uint8_t tile_of(const ZydisDecodedOperand& operand) {
  return static_cast<std::uint8_t>(ZydisRegisterGetId(operand.reg.value));
}

}  // namespace

Arithmetics arithmetic_of(const ZydisDecodedInstruction& instruction,
                          const ZydisDecodedOperand* operands) {
  static const Index index;
  Arithmetics result;
  // cmpsd is also the comparison of strings.
  if (instruction.meta.category == ZYDIS_CATEGORY_STRINGOP) {
    return result;
  }
  for (const Row* row : index[instruction.mnemonic]) {
    if (row == nullptr) {
      break;
    }
    Arithmetic& one = result.items[result.size++];
    one.operation = row->operation;
    one.element =
        row->element != Element::none ? row->element : integer_operand(instruction, operands);
    one.lanes = static_cast<std::uint8_t>(lanes_of(*row, instruction, operands));
    one.products = row->products;
    one.mask = mask_of(instruction);
  }
  return result;
}

Tiles tiles_of(const ZydisDecodedInstruction& /*instruction*/,
               const ZydisDecodedOperand* operands) {
  return {tile_of(operands[0]), tile_of(operands[1]), tile_of(operands[2])};
}

}  // namespace flopmeter::executed
