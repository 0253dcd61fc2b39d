// Random sequences of machine code that end, and fault nowhere.
#pragma once

#include <Zydis/Zydis.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "counters/executed/fuzz/code.h"
#include "counters/executed/fuzz/forms.h"
#include "counters/executed/fuzz/guest.h"
#include "counters/executed/fuzz/random.h"

namespace flopmeter::executed::fuzz {

class Generator {
 public:
  /// Writes code at `code`. `stepped`: nothing that a trap flag would change.
  Generator(std::uint64_t seed, const Place& place, std::uint8_t* code, bool stepped);

  /// Writes one sequence, a function of a Guest. Returns what follows it.
  std::uint8_t* sequence();

  /// Writes an instruction of that form, if the encoder finds one; it may not like an operand.
  bool form(ZydisMnemonic mnemonic, const Form& form);

 private:
  struct Subroutine {
    Label label;
    std::uint8_t release;  // what it takes off the stack, in units of 8 bytes
  };
  using Composite = void (Generator::*)();

  void items(std::uint32_t count);
  void item();
  void simple();

  // generator_operands.cpp
  ZydisEncoderOperand operand(std::string_view word, std::uint16_t width, const Form& form);
  ZydisEncoderOperand memory(std::uint16_t bytes, bool aligned);
  ZydisEncoderOperand vector(std::uint16_t width, bool evex);
  ZydisEncoderOperand immediate(std::uint16_t width);
  ZydisEncoderOperand mask();
  std::uint8_t general();
  ZydisEncoderOperand general(std::uint8_t number, std::uint16_t width);
  void encode(ZydisMnemonic mnemonic, std::initializer_list<ZydisEncoderOperand> operands);
  void load_address(std::uint8_t to, Label label);
  void set(std::uint8_t to, std::uint32_t value);
  std::uint8_t small_index(std::uint32_t end);

  // generator_flow.cpp: whatever is more than one instruction
  void push_and_pop();
  void flags();
  void forward();
  void forward_by_count();
  void loop();
  void loop_by_count();
  void call();
  void call_indirect();
  void jump_table();
  void jump_by_return();
  void strings();
  void divide();
  void gather();
  void thread_local_read();
  void system_call();
  void identify();
  void narrow_address();
  void call_operand(std::uint8_t digit, const std::array<Label, 4>& targets);
  Subroutine& subroutine();
  void subroutines();
  void tables();

  bool is_free(std::uint8_t reg) const { return (reserved_ >> reg & 1U) == 0; }

  Random random_;
  const Place& place_;
  Code code_;
  bool stepped_;
  std::uint32_t reserved_ = 1U << 4 | 1U << 15;
  std::uint32_t depth_ = 0;
  std::vector<Subroutine> subroutines_;
  std::size_t generated_ = 0;  // of the subroutines
  struct Table {
    Label label;
    std::array<Label, 4> targets;
  };
  std::vector<Table> tables_;
};

}  // namespace flopmeter::executed::fuzz
