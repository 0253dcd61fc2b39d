#include "bench/machine/memory_code.h"

#include <Zydis/Zydis.h>
#include <gmock/gmock.h>

#include <map>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "bench/machine/memory_pages.h"

namespace flopmeter {
namespace {

using testing::Each;
using testing::IsEmpty;

class EveryMemoryCode : public testing::TestWithParam<std::tuple<MemoryOperation, int>> {
 protected:
  void SetUp() override {
    if (bits() > widest_register_bits()) {
      GTEST_SKIP() << "this CPU has no registers of " << bits() << " bits";
    }
  }
  static MemoryOperation operation() { return std::get<0>(GetParam()); }
  static int bits() { return std::get<1>(GetParam()); }
};

constexpr std::int64_t blocks_of_array = 3;

/// What the i-th value of an array is before and after the loop went over it.
float before(int array, std::size_t i) {
  return static_cast<float>(100'000 * (array + 1)) + static_cast<float>(i);
}
float after(MemoryOperation operation, std::size_t i) {
  using enum MemoryOperation;
  switch (operation) {
    case load:
      return before(0, i);
    case copy:
      return before(1, i);
    case triad:
      return before(1, i) + MemoryCode::scale * before(2, i);
    default:
      return MemoryCode::scale;
  }
}

/// Where the memory of three arrays does not hold what so many blocks from `offset` on leave there.
std::vector<std::size_t> wrong_values(std::span<const float> memory, MemoryOperation operation,
                                      std::size_t offset, std::size_t blocks) {
  const std::size_t array_values = memory.size() / 3;
  const std::size_t block_values = array_values / blocks_of_array;
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < memory.size(); ++i) {
    const std::size_t index = i % array_values;
    const std::size_t turn = (index / block_values + blocks_of_array - offset) % blocks_of_array;
    const bool passed = i < array_values && turn < blocks;
    if (memory[i] !=
        (passed ? after(operation, index) : before(static_cast<int>(i / array_values), index))) {
      wrong.push_back(i);
    }
  }
  return wrong;
}

// Prevents a bandwidth of bytes that were never moved: what was to be written is, every byte
// of it, block by block, beyond the end from the beginning on, and nothing besides.
TEST_P(EveryMemoryCode, WritesWhatTheOperationSays) {
  const MemoryCode code(operation(), bits());
  const std::int64_t array_bytes = blocks_of_array * code.block_bytes();
  const MemoryPages pages(3 * array_bytes);
  const std::span memory(reinterpret_cast<float*>(pages.data()),
                         static_cast<std::size_t>(3 * array_bytes) / sizeof(float));
  const std::size_t array_values = memory.size() / 3;
  for (std::int64_t offset = 0; offset < blocks_of_array; ++offset) {
    for (std::int64_t blocks = 1; blocks <= 2 * blocks_of_array; ++blocks) {
      for (std::size_t i = 0; i < memory.size(); ++i) {
        memory[i] = before(static_cast<int>(i / array_values), i % array_values);
      }
      code.run(pages.data(), array_bytes, offset * code.block_bytes(), blocks);
      EXPECT_THAT(wrong_values(memory, operation(), static_cast<std::size_t>(offset),
                               static_cast<std::size_t>(blocks)),
                  IsEmpty())
          << blocks << " blocks from block " << offset;
    }
  }
}

struct LoopAccess {
  ZydisRegister base;
  std::int64_t offset;
  int bytes;
  bool operator<(const LoopAccess& other) const {
    return std::tie(base, offset, bytes) < std::tie(other.base, other.offset, other.bytes);
  }
};

/// What one turn of the loop reads and writes.
struct DecodedLoop {
  std::multiset<LoopAccess> reads;
  std::multiset<LoopAccess> writes;
  std::multiset<ZydisMnemonic> others;  // instructions that touch no memory
  std::set<ZydisMnemonic> writers;
};

using DecodedInstruction = std::pair<ZydisDecodedInstruction, std::vector<ZydisDecodedOperand>>;

/// Instructions by their place in the code, up to the return.
std::map<std::int64_t, DecodedInstruction> instructions_by_place(
    std::span<const std::uint8_t> code) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  std::map<std::int64_t, DecodedInstruction> result;
  for (std::size_t at = 0; at < code.size();) {
    DecodedInstruction next;
    next.second.resize(ZYDIS_MAX_OPERAND_COUNT);
    EXPECT_TRUE(ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code.data() + at, code.size() - at,
                                                    &next.first, next.second.data())));
    next.second.resize(next.first.operand_count_visible);
    result[static_cast<std::int64_t>(at)] = next;
    at += next.first.length;
  }
  return result;
}

void add_to(DecodedLoop& loop, const DecodedInstruction& instruction) {
  bool memory = false;
  for (const ZydisDecodedOperand& operand : instruction.second) {
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) {
      continue;
    }
    memory = true;
    EXPECT_EQ(operand.mem.index, ZYDIS_REGISTER_NONE);
    const LoopAccess access{operand.mem.base, operand.mem.disp.value, operand.size / 8};
    const bool write = (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    (write ? loop.writes : loop.reads).insert(access);
    if (write) {
      loop.writers.insert(instruction.first.mnemonic);
    }
  }
  if (!memory) {
    loop.others.insert(instruction.first.mnemonic);
  }
}

/// What lies between the jump back and where it goes.
DecodedLoop loop_of(std::span<const std::uint8_t> code) {
  const std::map<std::int64_t, DecodedInstruction> instructions = instructions_by_place(code);
  for (const auto& [at, jump] : instructions) {
    if (jump.first.mnemonic == ZYDIS_MNEMONIC_JNZ) {
      DecodedLoop loop;
      const std::int64_t target = at + jump.first.length + jump.second[0].imm.value.s;
      for (auto i = instructions.find(target); i->first < at; ++i) {
        add_to(loop, i->second);
      }
      return loop;
    }
  }
  ADD_FAILURE() << "no loop";
  return {};
}

/// A block of the array that the pointer goes through, register by register.
std::multiset<LoopAccess> block(std::initializer_list<ZydisRegister> pointers, int bits) {
  std::multiset<LoopAccess> result;
  for (const ZydisRegister pointer : pointers) {
    for (int i = 0; i < 16; ++i) {
      result.insert({pointer, i * bits / 8, bits / 8});
    }
  }
  return result;
}

bool same(const std::multiset<LoopAccess>& one, const std::multiset<LoopAccess>& other) {
  return !(one < other) && !(other < one);
}

constexpr ZydisRegister pointer_a = ZYDIS_REGISTER_RAX;
constexpr ZydisRegister pointer_b = ZYDIS_REGISTER_RDX;
constexpr ZydisRegister pointer_c = ZYDIS_REGISTER_R11;

// Prevents a loop that loads what it is not credited with, or not all that it is: the loads of
// `load` leave no trace but this.
TEST_P(EveryMemoryCode, LoadsAndStoresEachRegisterOfABlockOnce) {
  using enum MemoryOperation;
  const MemoryCode code(operation(), bits());
  EXPECT_EQ(code.block_bytes(), 16 * bits() / 8);
  const DecodedLoop loop = loop_of(code.bytes());
  const std::map<MemoryOperation, std::multiset<LoopAccess>> reads = {
      {load, block({pointer_a}, bits())},
      {store, {}},
      {copy, block({pointer_b}, bits())},
      {triad, block({pointer_b, pointer_c}, bits())},
      {nontemporal_store, {}}};
  EXPECT_TRUE(same(loop.reads, reads.at(operation())));
  EXPECT_TRUE(same(loop.writes,
                   operation() == load ? std::multiset<LoopAccess>{} : block({pointer_a}, bits())));
  const auto arrays = static_cast<std::size_t>(streams(operation()));
  const bool not_fused = operation() == triad && (loop.others.contains(ZYDIS_MNEMONIC_VMULPS) ||
                                                  loop.others.contains(ZYDIS_MNEMONIC_MULPS));
  EXPECT_EQ(loop.others.size(), 2 * arrays + 2 + (not_fused ? 16 : 0));
  if (operation() == nontemporal_store) {
    EXPECT_THAT(loop.writers,
                Each(bits() == 128 ? ZYDIS_MNEMONIC_MOVNTPS : ZYDIS_MNEMONIC_VMOVNTPS));
  }
}

// Prevents the time of stores that have not arrived yet.
TEST_P(EveryMemoryCode, FencesNonTemporalStores) {
  std::set<ZydisMnemonic> mnemonics;
  for (const auto& [at, instruction] :
       instructions_by_place(MemoryCode(operation(), bits()).bytes())) {
    mnemonics.insert(instruction.first.mnemonic);
  }
  EXPECT_EQ(mnemonics.contains(ZYDIS_MNEMONIC_SFENCE),
            operation() == MemoryOperation::nontemporal_store);
}

INSTANTIATE_TEST_SUITE_P(Table, EveryMemoryCode,
                         testing::Combine(testing::ValuesIn(memory_operations()),
                                          testing::Values(128, 256, 512)),
                         [](const auto& row) {
                           std::string name(name_of(std::get<0>(row.param)));
                           std::erase_if(name, [](char c) { return c == ' ' || c == '-'; });
                           return name + std::to_string(std::get<1>(row.param));
                         });

}  // namespace
}  // namespace flopmeter
