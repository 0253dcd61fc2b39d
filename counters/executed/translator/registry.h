// Tells every thread's translator when one of them sees code change.
//
// A thread that unmaps or maps code throws its own blocks away at once. The blocks of another
// thread belong to that thread alone, so it is left a note, which it reads whenever it comes to its
// dispatcher; and its indirect branches into that code are made to lead there. Direct jumps into
// the range from translated code outside it go on until then: code that is unmapped is reached by
// indirect branches, if by any, from code that stays.
#pragma once

#include <array>
#include <cstdint>

namespace flopmeter::executed {

class Translator;

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool empty() const { return begin == end; }
};

/// A few ranges; when there are more, the last grows over what lies between. Not to be copied
/// as a whole: compilers call memcpy for that, which uses vector registers.
struct Ranges {
  std::array<Range, 8> items{};
  std::uint32_t size = 0;

  void add(const Range& range);
  /// Removes and returns one; empty: there is none.
  Range take() { return size == 0 ? Range{} : items[--size]; }
};

/// A translator is told from when it is enlisted until it is withdrawn. None of these allocates;
/// the last two use no vector register.
void enlist(Translator& translator);
void withdraw(Translator& translator);
void tell_others(const Translator& teller, const Range& changed);
/// One of what the translator has been told and has not taken yet; empty: there is none.
Range take_told(Translator& translator);

}  // namespace flopmeter::executed
