// What one machine instruction computes: which operation, on which elements, in how many lanes.
#pragma once

#include <Zydis/Zydis.h>

#include <array>
#include <cstdint>

namespace flopmeter::executed {

/// approximate: reciprocals and reciprocal roots of 11 to 28 bits. other: arithmetic that is none
/// of these, such as splitting off an exponent.
enum class Operation : std::uint8_t {
  none,
  add,  // and subtract
  multiply,
  fma,
  dot,
  divide,
  square_root,
  min_max,
  compare,
  convert,
  round,
  approximate,
  other
};
inline constexpr std::size_t operation_count = 13;

/// Signed and unsigned integers are not told apart.
enum class Element : std::uint8_t { none, f16, bf16, f32, f64, f80, i8, i16, i32, i64 };
inline constexpr std::size_t element_count = 10;

struct Arithmetic {
  Operation operation = Operation::none;
  Element element = Element::none;  // of the operands; a conversion's source
  /// Results in the full register width: 1 for scalar forms, else 2, 4, ... 64. 0: an AMX tile,
  /// whose shape is known at run time.
  std::uint8_t lanes = 0;
  /// Operations behind one result: 1, 2 or 4. vdpbf16ps 2, vpdpbusd 4; of a complex FP16 product
  /// 4 multiplies and 2 adds.
  std::uint8_t products = 1;
  /// 1..7: the EVEX write mask k1..k7 whose low `lanes` bits let results through. 0: all are.
  std::uint8_t mask = 0;

  bool operator==(const Arithmetic&) const = default;
};

/// Empty for everything that is not arithmetic on vector or floating-point elements.
struct Arithmetics {
  std::array<Arithmetic, 3> items{};
  std::uint8_t size = 0;

  const Arithmetic* begin() const { return items.data(); }
  const Arithmetic* end() const { return items.data() + size; }
  bool operator==(const Arithmetics&) const = default;
};

/// What the instruction computes each time it runs; arithmetic_table.cpp says of which it is known.
/// `operands` are all the operands that the decoder gave. Does not allocate.
Arithmetics arithmetic_of(const ZydisDecodedInstruction& instruction,
                          const ZydisDecodedOperand* operands);

/// The tile registers (0..7 of tmm0..tmm7) of an AMX dot product: destination += a . b
struct Tiles {
  std::uint8_t destination;
  std::uint8_t a;
  std::uint8_t b;

  bool operator==(const Tiles&) const = default;
};

/// Of an instruction with an Arithmetic of 0 lanes.
Tiles tiles_of(const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand* operands);

}  // namespace flopmeter::executed
