// Any instruction of Xbyak as a function of one type, for tables of instructions.
#pragma once

#include <xbyak/xbyak.h>

#include <tuple>

#include "bench/machine/peak_spec.h"

namespace flopmeter {

template <class Method>
struct EmitSignature;
template <class... Parameters>
struct EmitSignature<void (Xbyak::CodeGenerator::*)(Parameters...)> {
  using Tuple = std::tuple<Parameters...>;
};

/// An Emit that calls a method of Xbyak::CodeGenerator, with `extra` behind the operands: an
/// immediate, or the encoding. A method of two operands takes `to` and `second`.
template <auto method, auto... extra>
void emit(Xbyak::CodeGenerator& code, const Xbyak::Operand& to,
          [[maybe_unused]] const Xbyak::Operand& first, const Xbyak::Operand& second) {
  using Parameters = typename EmitSignature<decltype(method)>::Tuple;
  const auto as = []<std::size_t i>(std::integral_constant<std::size_t, i>,
                                    const Xbyak::Operand& operand) -> decltype(auto) {
    return static_cast<std::tuple_element_t<i, Parameters>>(operand);
  };
  using std::integral_constant;
  if constexpr (std::tuple_size_v<Parameters> - sizeof...(extra) == 3) {
    (code.*method)(as(integral_constant<std::size_t, 0>(), to),
                   as(integral_constant<std::size_t, 1>(), first),
                   as(integral_constant<std::size_t, 2>(), second), extra...);
  } else {
    (code.*method)(as(integral_constant<std::size_t, 0>(), to),
                   as(integral_constant<std::size_t, 1>(), second), extra...);
  }
}

}  // namespace flopmeter
