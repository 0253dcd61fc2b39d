// The vocabulary of operation counts: how many of each kind of arithmetic operation happened.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace flopmeter {

/// A count left the range of a signed 64-bit integer (2^63 - 1). Counts never wrap.
struct CountOverflow : std::overflow_error {
  using std::overflow_error::overflow_error;
};

/// a + b and a * b of counts. Throw CountOverflow when the result does not fit into 63 bits.
std::int64_t checked_add(std::int64_t a, std::int64_t b);
std::int64_t checked_multiply(std::int64_t a, std::int64_t b);

/// The product of all factors, checked.
template <class... Factors>
std::int64_t checked_product(std::int64_t first, Factors... rest) {
  ((first = checked_multiply(first, rest)), ...);
  return first;
}

/// How many operations of each kind were done. Subtractions are adds. An operation done as part of
/// a fused multiply-add is one multiply and one add here, and `fmas` says how many such pairs were
/// fused. `macs` are the products that went into an accumulator; a sum of n products without a bias
/// has n MACs, n multiplies and n - 1 adds, because the first product starts the accumulator.
/// `trigonometrics` are sines, cosines, tangents and their inverses; `roundings` go to whole numbers;
/// `bit_operations` are and, or, xor, not and shifts of values; an unpack takes one number out of a
/// word that holds several.
struct OpCounts {
  std::int64_t macs = 0;
  std::int64_t multiplies = 0;
  std::int64_t adds = 0;
  std::int64_t fmas = 0;
  std::int64_t divides = 0;
  std::int64_t square_roots = 0;
  std::int64_t exponentials = 0;
  std::int64_t logarithms = 0;
  std::int64_t tanhs = 0;
  std::int64_t erfs = 0;
  std::int64_t trigonometrics = 0;
  std::int64_t comparisons = 0;
  std::int64_t roundings = 0;
  std::int64_t conversions = 0;
  std::int64_t bit_operations = 0;
  std::int64_t unpacks = 0;

  bool operator==(const OpCounts&) const = default;
};

/// One kind of operation: its name in every output, and where OpCounts keeps it.
struct OpKind {
  std::string_view name;
  std::int64_t OpCounts::*count;
};

/// Every kind, in the order of every output.
inline constexpr std::array<OpKind, 16> op_kinds{{
    {"macs", &OpCounts::macs},
    {"multiplies", &OpCounts::multiplies},
    {"adds", &OpCounts::adds},
    {"fmas", &OpCounts::fmas},
    {"divides", &OpCounts::divides},
    {"square_roots", &OpCounts::square_roots},
    {"exponentials", &OpCounts::exponentials},
    {"logarithms", &OpCounts::logarithms},
    {"tanhs", &OpCounts::tanhs},
    {"erfs", &OpCounts::erfs},
    {"trigonometrics", &OpCounts::trigonometrics},
    {"comparisons", &OpCounts::comparisons},
    {"roundings", &OpCounts::roundings},
    {"conversions", &OpCounts::conversions},
    {"bit_operations", &OpCounts::bit_operations},
    {"unpacks", &OpCounts::unpacks},
}};

/// Kind by kind sum, and `times` repetitions. Throw CountOverflow.
OpCounts operator+(const OpCounts& a, const OpCounts& b);
OpCounts operator*(std::int64_t times, const OpCounts& counts);

/// Counts of `sums` sums of `terms` products each, `terms` > 0: with a bias the accumulator starts
/// at the bias (n multiplies, n adds), without at the first product (n multiplies, n - 1 adds).
OpCounts sums_of_products(std::int64_t sums, std::int64_t terms, bool bias);

}  // namespace flopmeter
