#include "validate/avx2_sgemm.h"

#include <algorithm>
#include <bit>

namespace flopmeter::avx2_sgemm {
namespace {

constexpr std::int64_t lanes = 8;

std::int64_t up(std::int64_t x, std::int64_t step) { return (x + step - 1) / step * step; }

std::int64_t ones(std::int64_t x) { return std::popcount(static_cast<std::uint64_t>(x)); }

/// Calls visit(size) for each part of `total`: blocks, and what is below two of them as one part or two halves.
template <class Visit>
void split(std::int64_t total, std::int64_t block, std::int64_t undivided, Visit visit) {
  while (total > 0) {
    const std::int64_t size = total >= 2 * block  ? block
                              : total > undivided ? (total + 1) / 2
                                                  : total;
    visit(size);
    total -= size;
  }
}

/// Calls visit(size) for each 512 of a vector that lies apart, else once.
template <class Visit>
void pieces(std::int64_t total, bool strided, Visit visit) {
  const std::int64_t piece = strided ? 512 : total;
  for (std::int64_t at = 0; at < total; at += piece) {
    visit(std::min(piece, total - at));
  }
}

/// Of one dot product: pairs of registers, then each power of two that is left in a register of its own; every sum of
/// lanes is scaled and added in one more FMA.
std::int64_t dot(std::int64_t length) {
  const std::int64_t paired = length / 16;
  return 16 * paired + std::min<std::int64_t>(paired, 1) + (lanes + 1) * ones(length - 16 * paired);
}

/// y += A^T x, `results` dot products.
Counts by_dots(std::int64_t length, std::int64_t results, bool strided) {
  Counts sum;
  pieces(length, strided, [&](std::int64_t piece) { sum.products += results * dot(piece); });
  return sum;
}

/// y += A x, a column at a time; each x is scaled in all lanes.
Counts by_columns(std::int64_t length, std::int64_t columns, bool strided) {
  Counts sum;
  pieces(length, strided, [&](std::int64_t piece) {
    const std::int64_t rest = piece % lanes;
    sum.products += columns * (piece - rest + lanes * ones(rest));
    sum.scalings += columns * lanes;
  });
  return sum;
}

/// In blocks of 16 or 8 rows and 6 columns. Kernels of one and two columns have no FMA.
Counts as_it_lies(const Product& p) {
  const std::int64_t columns = p.transposed_a ? 96 : 48;
  const std::int64_t depth = p.transposed_b ? 96 : 256;
  constexpr std::int64_t rows = 4032;
  std::int64_t height = 0;
  split(p.m, rows, rows * 3 / 2, [&](std::int64_t part) { height += up(part, lanes); });
  Counts sum;
  split(p.k, depth, depth, [&](std::int64_t k) {
    split(p.n, columns, columns * 3 / 2, [&](std::int64_t n) {
      const std::int64_t left = n % 6;
      sum.products += height * n * k;
      sum.apart += left <= 2 ? height * left * k : 0;
      sum.scalings += height * n;
    });
  });
  return sum;
}

/// In blocks of 24, 16 and 8 rows; each power of two that is left takes half a register.
Counts packed(const Product& p) {
  const std::int64_t rest = p.m % lanes;
  return {.products = (p.m - rest + lanes / 2 * ones(rest)) * p.n * p.k};
}

bool worth_packing(const Product& p) {
  constexpr double small = 0.0038;
  constexpr std::int64_t large = 378;
  if (p.never_packed || 1.0 / static_cast<double>(p.m) + 1.0 / static_cast<double>(p.n) >= small) {
    return false;
  }
  if (p.k >= large && (p.m >= large || p.n <= large)) {
    return true;
  }
  if (p.m <= 128 && p.n <= 128) {
    return false;
  }
  return p.transposed_b ? p.k > 1 : p.n > 16 && p.k > 2 && p.m > 64;
}

}  // namespace

Counts counts(const Product& p) {
  if (p.n == 1) {
    return p.transposed_a ? by_dots(p.k, p.m, p.strided) : by_columns(p.m, p.k, false);
  }
  if (p.m == 1) {
    return p.transposed_b ? by_columns(p.n, p.k, p.strided) : by_dots(p.k, p.n, p.strided);
  }
  return worth_packing(p) ? packed(p) : as_it_lies(p);
}

}  // namespace flopmeter::avx2_sgemm
