// Writes translated code: a block, and what most likely follows it, in one piece.
#pragma once

#include <array>
#include <cstdint>

#include "counters/executed/translator/assembler.h"
#include "counters/executed/translator/code_cache.h"
#include "counters/executed/translator/translation.h"

namespace flopmeter::executed {

/// Words of the arena for what translated code puts away.
constexpr std::uint32_t scratch(std::uint32_t i) { return EXECUTED_SCRATCH + 8 * i; }

class Trace {
 public:
  /// Bytes that a trace and its padding never exceed, of code and of what it was made from; and
  /// what it computes.
  static constexpr std::uint32_t max_bytes = 256U << 10;
  /// More make code no faster, and most of them would never run.
  static constexpr std::uint32_t max_blocks = 8;
  static constexpr std::uint32_t max_source_bytes = max_blocks * Plan::max_bytes;
  static constexpr std::uint32_t max_items = 3 * max_blocks * Plan::max_size;
  static constexpr std::uint32_t max_spots = max_blocks * Plan::max_size;

  /// Of source that may change while it is read: what is translated is a copy of so much.
  static constexpr std::uint32_t copy_bytes = Plan::max_bytes;

  Trace(Translation& translation, Region& region);

  /// Translates from that address of the guest, which has no block yet. The new block.
  std::uint32_t build(std::uint64_t address, bool with_entry);

 private:
  static constexpr std::uint32_t wide_step = 64;
  struct Literal {
    std::uint64_t displacement;  // of the operand that reads it
    std::uint64_t value;
  };

  struct Stale {
    std::uint64_t jump;  // its displacement
    std::uint64_t address;
  };

  static bool fits(std::int64_t displacement) {
    return displacement == static_cast<std::int32_t>(displacement);
  }

  // Writes a block and returns where the trace goes on; 0: nowhere.
  std::uint64_t block(std::uint64_t address);
  void body(std::uint32_t number);
  void more_turns();
  void plan_at(std::uint64_t address);
  void count_where_flags_are_free();
  bool goes_on_at(std::uint64_t address, std::uint32_t bytes) const;
  void verify_source();
  void verify_narrow(std::uint32_t length);
  void verify_wide(std::uint64_t expected, std::uint32_t length);
  void verify_part(std::uint32_t at, std::uint32_t bytes);
  void jump_if_stale();
  bool is_known(std::uint64_t address) const;
  const std::uint8_t* source_of(const Instruction& instruction) const {
    return source_ + (instruction.address - plan_.address());
  }
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

  void load_operand(const Instruction& branch);
  void push(std::uint64_t value);
  void jump(std::uint64_t target);
  void in_one_line(std::uint32_t before);
  void exit_by(std::uint64_t displacement, std::uint64_t target);
  void stub(std::uint32_t exit);
  void stubs();
  void stales();
  static void lead(std::uint64_t displacement, std::uint64_t to);
  void literals();
  void align(std::uint32_t bytes);

  Translation& translation_;
  Region& region_;
  Assembler code_;
  std::uint32_t first_exit_;
  std::uint32_t first_block_;
  std::uint64_t start_ = 0;
  std::uint32_t blocks_ = 0;  // so far
  std::uint32_t number_ = 0;  // of the block
  Plan& plan_;
  const std::uint8_t* source_ = nullptr;  // of the block
  std::array<std::uint8_t, copy_bytes> copy_{};
  std::array<Stale, max_blocks> stales_;
  std::uint32_t stale_count_ = 0;
  std::uint64_t stale_jump_ = 0;  // of the block, from all its comparisons
  std::array<Literal, max_blocks> literals_{};
  std::uint32_t literal_count_ = 0;
  bool switches_stack_ = false;   // the block
  std::uint64_t loop_start_ = 0;  // where the block begins anew; 0: as it is entered
  // The sum of each mask k1..k7 and number of lanes (log2) that still holds; 0: none.
  std::array<std::array<std::uint32_t, 7>, 8> sums_{};
};

/// Code by which indirect branches come to the code that follows it, if they want that address.
void write_entry(Assembler& code, std::uint64_t address);

/// Code by which they come to the entry of that address or else, with what they have put away and want
/// as it was, to the code of `others`.
void write_link(Assembler& code, std::uint64_t address, std::uint64_t entry, std::uint64_t others);

}  // namespace flopmeter::executed
