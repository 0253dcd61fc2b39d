#include "kernels/sdpa/shape.h"

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::sdpa {
namespace {

/// The first key of query 0 and the one behind its last, which move by one with each query, if they
/// were not cut off at the ends of the sequence.
Keys uncut(const Shape& s) {
  const std::int64_t position = s.topleft != 0 ? 0 : s.lk - s.lq;
  const std::int64_t all = s.lq + s.lk;  // reaches from any position to both ends
  const std::int64_t reach = s.window != 0 ? std::min(s.window, all) : all;
  return {position - reach + 1, position + (s.causal != 0 ? 1 : reach)};
}

/// The sum of max(0, first + i) over 0 <= i < n.
std::int64_t ramp(std::int64_t first, std::int64_t n) {
  const std::int64_t zeros = std::clamp<std::int64_t>(-first, 0, n);
  const std::int64_t terms = n - zeros;
  const std::int64_t least = first + zeros;
  const std::int64_t twice = checked_add(2 * least, terms - 1);
  // One of the two factors is even.
  return terms % 2 == 0 ? checked_multiply(terms / 2, twice) : checked_multiply(terms, twice / 2);
}

/// The sum of `first + i`, cut to 0 ... most, over 0 <= i < n.
std::int64_t cut_ramp(std::int64_t first, std::int64_t most, std::int64_t n) {
  return ramp(first, n) - ramp(first - most, n);
}

/// The pairs of a mask up to a query, spread evenly. A 128-bit product, which cannot overflow.
std::int64_t mask_until(const Shape& s, std::int64_t query) {
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>(static_cast<Wide>(s.mask) * query / s.lq);
}

}  // namespace

Keys Shape::keys_of(std::int64_t query) const {
  if (mask != 0) {
    return {0, mask_until(*this, query + 1) - mask_until(*this, query)};
  }
  const Keys first = uncut(*this);
  const std::int64_t from = std::clamp<std::int64_t>(first.from + query, 0, lk);
  return {from, std::clamp<std::int64_t>(first.to + query, from, lk)};
}

std::int64_t Shape::pairs() const {
  if (mask != 0) {
    return mask;
  }
  if (causal == 0 && window == 0) {
    return checked_multiply(lq, lk);
  }
  const Keys first = uncut(*this);
  return cut_ramp(first.to, lk, lq) - cut_ramp(first.from, lk, lq);
}

std::int64_t Shape::seeing_queries() const {
  if (mask != 0) {
    return std::min(mask, lq);
  }
  const Keys first = uncut(*this);
  const std::int64_t begin = std::clamp<std::int64_t>(1 - first.to, 0, lq);
  return std::max(std::clamp<std::int64_t>(lk - first.from, 0, lq) - begin, std::int64_t{0});
}

std::int64_t Shape::seen_keys() const {
  if (mask != 0) {
    return mask / lq + (mask % lq != 0 ? 1 : 0);
  }
  const Keys first = uncut(*this);
  return std::clamp<std::int64_t>(first.to + lq - 1, 0, lk) -
         std::clamp<std::int64_t>(first.from, 0, lk);
}

}  // namespace flopmeter::sdpa
