// What the opcodes of common instructions do; for common.cpp.
#pragma once

#include <array>
#include <cstdint>

#include "counters/executed/translator/context.h"
#include "counters/executed/translator/instruction.h"

namespace flopmeter::executed::common {

enum class Access : std::uint8_t { none, read, write, both };
enum class Immediate : std::uint8_t { none, byte, word, whole };  // whole: 8 bytes with REX.W

/// What an opcode does.
struct Form {
  bool known = false;
  bool modrm = false;
  bool byte = false;          // registers are of 8 bits
  bool byte_operand = false;  // that of ModRM alone is
  bool memory_only = false;   // ModRM names no register
  bool vector = false;        // the register that ModRM names is none of these
  bool stack = false;         // pushes or pops
  bool pushes = false;
  bool overwrites_flags = false;  // as of Instruction
  bool reads_flags = false;
  Access reg = Access::none;      // of ModRM; without it, that of the opcode's low three bits
  Access operand = Access::none;  // of ModRM
  Immediate immediate = Immediate::none;
  Flow flow = Flow::on;
  std::uint8_t group = 0;    // the row of `groups` that ModRM chooses from; 0: none
  std::uint8_t touched = 0;  // registers that are always used
  std::uint8_t overwritten = 0;
};

inline constexpr Form plain{.known = true};
inline constexpr Form with_modrm{.known = true, .modrm = true};

constexpr Form operands(Access reg, Access operand, bool byte = false) {
  Form form = with_modrm;
  form.reg = reg;
  form.operand = operand;
  form.byte = byte;
  return form;
}
constexpr Form with(Form form, Immediate immediate) {
  form.immediate = immediate;
  return form;
}
constexpr Form setting_flags(Form form) {
  form.overwrites_flags = true;
  return form;
}
constexpr Form using_registers(Form form, unsigned touched, unsigned overwritten = 0) {
  form.touched = static_cast<std::uint8_t>(touched);
  form.overwritten = static_cast<std::uint8_t>(overwritten);
  return form;
}
constexpr Form on_stack(Form form, bool pushes) {
  form.stack = true;
  form.pushes = pushes;
  return form;
}
constexpr Form leading(Form form, Flow flow) {
  form.flow = flow;
  return form;
}
constexpr Form of_opcode(Access reg, bool byte = false) {
  Form form = plain;
  form.reg = reg;
  form.byte = byte;
  return form;
}
constexpr Form in_group(std::uint8_t group) {
  Form form = with_modrm;
  form.group = group;
  return form;
}
// Of a condition: all but "below" and "not below", which are the carry alone.
constexpr Form on_condition(Form form, unsigned condition) {
  form.reads_flags = condition / 2 != 1;
  return form;
}

using Forms = std::array<Form, 256>;
inline constexpr unsigned a = 1U << rax;
inline constexpr unsigned c = 1U << rcx;
inline constexpr unsigned d = 1U << rdx;

/// By the middle three bits of ModRM.
enum Group : std::uint8_t {
  no_group,
  arithmetic_byte,
  arithmetic_word,
  arithmetic_short,
  shift_byte,
  shift_word,
  shift_byte_once,
  shift_once,
  shift_byte_by_c,
  shift_by_c,
  move_byte,
  move_word,
  unary_byte,
  unary,
  step_byte,
  step,
  group_count,
};

constexpr std::array<std::array<Form, 8>, group_count> make_groups() {
  std::array<std::array<Form, 8>, group_count> groups{};
  const auto arithmetic = [&](Group group, bool byte, Immediate immediate) {
    for (unsigned i = 0; i < 8; ++i) {
      const Access operand = i == 7 ? Access::read : Access::both;  // 7: cmp
      groups[group][i] = with(setting_flags(operands(Access::none, operand, byte)), immediate);
    }
  };
  arithmetic(arithmetic_byte, true, Immediate::byte);
  arithmetic(arithmetic_word, false, Immediate::word);
  arithmetic(arithmetic_short, false, Immediate::byte);
  // rol, ror, shl, shr, sar: not by a count of zero; rcl and rcr are rare.
  for (const unsigned i : {0U, 1U, 4U, 5U, 7U}) {
    const Form byte = operands(Access::none, Access::both, true);
    const Form word = operands(Access::none, Access::both);
    groups[shift_byte][i] = with(byte, Immediate::byte);
    groups[shift_word][i] = with(word, Immediate::byte);
    groups[shift_byte_once][i] = byte;
    groups[shift_once][i] = word;
    groups[shift_byte_by_c][i] = using_registers(byte, c);
    groups[shift_by_c][i] = using_registers(word, c);
  }
  groups[move_byte][0] = with(operands(Access::none, Access::write, true), Immediate::byte);
  groups[move_word][0] = with(operands(Access::none, Access::write), Immediate::word);
  for (const bool byte : {true, false}) {
    auto& some = groups[byte ? unary_byte : unary];
    const Form both = operands(Access::none, Access::both, byte);
    some[0] = with(setting_flags(operands(Access::none, Access::read, byte)),
                   byte ? Immediate::byte : Immediate::word);  // test
    some[2] = both;                                            // not
    some[3] = setting_flags(both);                             // neg
    auto& others = groups[byte ? step_byte : step];
    others[0] = others[1] = setting_flags(both);  // inc, dec
  }
  const Form read = operands(Access::none, Access::read);
  groups[step][2] = leading(on_stack(read, true), Flow::call_indirect);
  groups[step][4] = leading(read, Flow::jump_indirect);
  groups[step][6] = on_stack(read, true);
  return groups;
}

constexpr Forms make_one_byte() {
  Forms forms{};
  // add, or, adc, sbb, and, sub, xor, cmp
  for (unsigned i = 0; i < 8; ++i) {
    const bool compares = i == 7;
    const Access to = compares ? Access::read : Access::both;
    Form* const row = &forms[8 * i];
    row[0] = setting_flags(operands(Access::read, to, true));
    row[1] = setting_flags(operands(Access::read, to));
    row[2] = setting_flags(operands(to, Access::read, true));
    row[3] = setting_flags(operands(to, Access::read));
    row[4] = setting_flags(with(using_registers(plain, a), Immediate::byte));
    row[5] = setting_flags(with(using_registers(plain, a), Immediate::word));
  }
  for (unsigned i = 0; i < 8; ++i) {
    forms[0x50 + i] = on_stack(of_opcode(Access::read), true);
    forms[0x58 + i] = on_stack(of_opcode(Access::write), false);
    forms[0xb0 + i] = with(of_opcode(Access::write, true), Immediate::byte);
    forms[0xb8 + i] = with(of_opcode(Access::write), Immediate::whole);
  }
  for (unsigned i = 0; i < 16; ++i)
    forms[0x70 + i] = leading(on_condition(with(plain, Immediate::byte), i), Flow::conditional);
  forms[0x63] = operands(Access::write, Access::read);  // movsxd
  forms[0x68] = on_stack(with(plain, Immediate::word), true);
  forms[0x69] = with(operands(Access::write, Access::read), Immediate::word);  // imul
  forms[0x6a] = on_stack(with(plain, Immediate::byte), true);
  forms[0x6b] = with(operands(Access::write, Access::read), Immediate::byte);
  forms[0x80] = in_group(arithmetic_byte);
  forms[0x81] = in_group(arithmetic_word);
  forms[0x83] = in_group(arithmetic_short);
  forms[0x84] = setting_flags(operands(Access::read, Access::read, true));  // test
  forms[0x85] = setting_flags(operands(Access::read, Access::read));
  forms[0x88] = operands(Access::read, Access::write, true);  // mov
  forms[0x89] = operands(Access::read, Access::write);
  forms[0x8a] = operands(Access::write, Access::read, true);
  forms[0x8b] = operands(Access::write, Access::read);
  forms[0x8d] = operands(Access::write, Access::none);  // lea
  forms[0x8d].memory_only = true;
  forms[0x98] = using_registers(plain, a);                                        // cdqe
  forms[0x99] = using_registers(plain, a, d);                                     // cqo
  forms[0xa8] = setting_flags(with(using_registers(plain, a), Immediate::byte));  // test
  forms[0xa9] = setting_flags(with(using_registers(plain, a), Immediate::word));
  forms[0xc0] = in_group(shift_byte);
  forms[0xc1] = in_group(shift_word);
  forms[0xc3] = leading(on_stack(plain, false), Flow::ret);
  forms[0xc6] = in_group(move_byte);
  forms[0xc7] = in_group(move_word);
  forms[0xd0] = in_group(shift_byte_once);
  forms[0xd1] = in_group(shift_once);
  forms[0xd2] = in_group(shift_byte_by_c);
  forms[0xd3] = in_group(shift_by_c);
  forms[0xe8] = leading(on_stack(with(plain, Immediate::word), true), Flow::call);
  forms[0xe9] = leading(with(plain, Immediate::word), Flow::jump);
  forms[0xeb] = leading(with(plain, Immediate::byte), Flow::jump);
  forms[0xf6] = in_group(unary_byte);
  forms[0xf7] = in_group(unary);
  forms[0xfe] = in_group(step_byte);
  forms[0xff] = in_group(step);
  return forms;
}

// Behind 0f.
constexpr Forms make_two_byte() {
  Forms forms{};
  for (const unsigned opcode : {0x10U, 0x11U, 0x28U, 0x29U}) {  // movups, movaps
    forms[opcode] = operands(Access::none, opcode % 2 == 0 ? Access::read : Access::write);
    forms[opcode].vector = true;
  }
  for (unsigned i = 0; i < 16; ++i) {
    forms[0x40 + i] = on_condition(operands(Access::both, Access::read), i);  // cmov
    forms[0x80 + i] = leading(on_condition(with(plain, Immediate::word), i), Flow::conditional);
    forms[0x90 + i] = on_condition(operands(Access::none, Access::write, true), i);  // set
  }
  forms[0xaf] = operands(Access::both, Access::read);  // imul
  for (const unsigned opcode : {0xb6U, 0xb7U, 0xbeU, 0xbfU}) {
    forms[opcode] = operands(Access::write, Access::read);  // movzx, movsx
    forms[opcode].byte_operand = opcode % 2 == 0;
  }
  return forms;
}

inline constexpr auto groups = make_groups();
inline constexpr Forms one_byte = make_one_byte();
inline constexpr Forms two_byte = make_two_byte();

}  // namespace flopmeter::executed::common
