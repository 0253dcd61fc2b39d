#include "counters/op_counts.h"

#include <fmt/format.h>

namespace flopmeter {

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    throw CountOverflow(fmt::format("count overflow: {} + {} exceeds 2^63 - 1", a, b));
  }
  return sum;
}

std::int64_t checked_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw CountOverflow(fmt::format("count overflow: {} x {} exceeds 2^63 - 1", a, b));
  }
  return product;
}

OpCounts operator+(const OpCounts& a, const OpCounts& b) {
  OpCounts sum;
  for (const OpKind& kind : op_kinds) {
    sum.*kind.count = checked_add(a.*kind.count, b.*kind.count);
  }
  return sum;
}

OpCounts operator*(std::int64_t times, const OpCounts& counts) {
  OpCounts product;
  for (const OpKind& kind : op_kinds) {
    product.*kind.count = checked_multiply(times, counts.*kind.count);
  }
  return product;
}

OpCounts sums_of_products(std::int64_t sums, std::int64_t terms, bool bias) {
  OpCounts counts;
  counts.macs = checked_multiply(sums, terms);
  counts.multiplies = counts.macs;
  counts.adds = bias ? counts.macs : counts.macs - sums;
  return counts;
}

}  // namespace flopmeter
