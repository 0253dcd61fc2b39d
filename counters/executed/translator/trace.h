// Writes translated code: a block, and what most likely follows it, in one piece.
#pragma once

#include <array>
#include <cstdint>

#include "counters/executed/translator/assembler.h"
#include "counters/executed/translator/code_cache.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {

class Trace {
 public:
  /// Bytes that a trace and its padding never exceed.
  static constexpr std::uint32_t max_bytes = 256U << 10;

  Trace(Translator& translator, Region& region);

  /// Translates from that address of the guest, which has no block yet. The new block's code.
  std::uint64_t build(std::uint64_t address);

 private:
  static constexpr std::uint32_t max_blocks = 24;
  // Code that replaces a dead block's first bytes must fit into it.
  static constexpr std::uint32_t min_block_bytes = 32;

  struct Literal {
    std::uint64_t displacement;  // of the operand that reads it
    std::uint64_t value;
  };

  // Writes a block and returns where the trace goes on; 0: nowhere.
  std::uint64_t block(std::uint64_t address);
  void body(const Plan& plan);
  void count(const Plan& plan, std::uint32_t block);
  void sum_masks(const Instruction& instruction);
  void sum_mask(const Arithmetic& arithmetic, std::uint32_t sum);
  void copy(const Instruction& instruction);
  void copy_far(const Instruction& instruction);
  std::uint64_t ending(const Instruction& last);

  std::uint64_t conditional(const Instruction& last);
  std::uint64_t count_branch(const Instruction& last);
  std::uint64_t call(const Instruction& last);
  std::uint64_t indirect(const Instruction& last);
  std::uint64_t system_call(const Instruction& last);
  std::uint64_t tile_configuration(const Instruction& last);
  std::uint64_t unsupported(const Instruction& last);

  void look_up();
  void load_operand(const Instruction& branch);
  void push(std::uint64_t value);
  void jump(std::uint64_t target);
  void exit_by(std::uint64_t displacement, std::uint64_t target);
  void stub(std::uint32_t exit);
  void stubs();
  void literals();
  void align(std::uint32_t bytes);

  Translator& translator_;
  Region& region_;
  Assembler code_;
  std::uint32_t first_exit_;
  std::array<Literal, max_blocks> literals_{};
  std::uint32_t literal_count_ = 0;
  bool switches_stack_ = false;  // the block
  // The sum of each mask k1..k7 and number of lanes (log2) that still holds; 0: none.
  std::array<std::array<std::uint32_t, 7>, 8> sums_{};
};

}  // namespace flopmeter::executed
