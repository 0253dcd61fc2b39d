// The shape of attention, and which keys each query sees.
#pragma once

#include <cmath>
#include <cstdint>

namespace flopmeter::sdpa {

/// Keys from <= j < to.
struct Keys {
  std::int64_t from, to;
  std::int64_t count() const { return to - from; }
};

/// mb32h8lq16d64, with grouped queries mb1h32hkv8lq128d128, decoding mb1h32lq1lk1024d128.
/// Query i stands at the position i of the keys (topleft), or so that the last query stands at the
/// last key (bottomright, which is also the default). Causal queries see no key behind their
/// position, a window of w none that is w or more keys away. A mask leaves so many pairs of a head,
/// as even as can be, to each query its first keys: which ones does not matter to counts. A sink is
/// a learned score a head that takes part in the softmax and has no value. A soft cap c makes scores
/// c * tanh(score / c), before any mask.
struct Shape {
  std::int64_t mb, h, hkv, lq, lk, d, dv, causal, topleft, bottomright, window, mask, sink;
  std::int64_t softcap;

  Keys keys_of(std::int64_t query) const;
  /// Pairs of a query and a key that it sees, in one head. Throws CountOverflow.
  std::int64_t pairs() const;
  /// Queries that see a key, in one head.
  std::int64_t seeing_queries() const;
  /// Keys that a query sees, in one head.
  std::int64_t seen_keys() const;

  double scale() const { return 1 / std::sqrt(static_cast<double>(d)); }
  /// The heads of keys and values that a head of the queries uses.
  std::int64_t group_of(std::int64_t head) const { return head / (h / hkv); }
  bool operator==(const Shape&) const = default;
};

}  // namespace flopmeter::sdpa
