// Memory whose code may change without a system call that says so: what is writable and executable,
// and what is shared, which may be written elsewhere.
#pragma once

#include <array>
#include <cstdint>

#include "counters/executed/translator/lock.h"

namespace flopmeter::executed {

/// A set of addresses, as disjoint ranges. When there are too many, the gaps between the nearest
/// are filled. Uses no vector register.
class RangeSet {
 public:
  void add(std::uint64_t begin, std::uint64_t end);
  void remove(std::uint64_t begin, std::uint64_t end);
  bool holds_any(std::uint64_t begin, std::uint64_t end) const;

  template <class F>
  void for_each_within(std::uint64_t begin, std::uint64_t end, F&& f) const {
    for (std::uint32_t i = 0; i < size_; ++i) {
      const std::uint64_t from = begin > ranges_[i].begin ? begin : ranges_[i].begin;
      const std::uint64_t to = end < ranges_[i].end ? end : ranges_[i].end;
      if (from < to) f(from, to);
    }
  }

 private:
  struct Part {
    std::uint64_t begin;
    std::uint64_t end;
  };
  void append(std::uint64_t begin, std::uint64_t end);

  static constexpr std::uint32_t capacity = 4096;
  std::array<Part, capacity> ranges_;  // in no order; to fill it would make its pages
  std::uint32_t size_ = 0;
};

/// Follows the system calls that map memory. What it does not know does not change by itself.
class Changeable {
 public:
  /// Whoever changes it holds this, which may be taken before the lock of a translation.
  Mutex mutex;

  void map(std::uint64_t begin, std::uint64_t end, int protection, bool shared);
  void protect(std::uint64_t begin, std::uint64_t end, int protection);
  void unmap(std::uint64_t begin, std::uint64_t end);
  /// What is of no length stays where it is, and is there once more; so does what is to stay.
  void move(std::uint64_t from, std::uint64_t from_end, std::uint64_t to, std::uint64_t to_end,
            bool stays);
  /// All that can be read can be executed: nobody says which code that is.
  void trust_nothing() { all_ = true; }

  bool holds(std::uint64_t begin, std::uint64_t end) const {
    return all_ || code_.holds_any(begin, end);
  }

 private:
  RangeSet shared_;
  RangeSet code_;
  bool all_ = false;
};

}  // namespace flopmeter::executed
