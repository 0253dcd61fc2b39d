// Random sequences, run as they are and counted: both must do the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "counters/executed/fuzz/guest.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed::fuzz {

class Fuzzer {
 public:
  /// Sequences run at that address, a multiple of the page size. Throws std::bad_alloc.
  explicit Fuzzer(std::uint64_t code_address, bool use_fsgsbase);

  /// Sequences of the seeds from `first` on, all in one piece of code that replaces the one before.
  /// What a counted run did differently, with the seed and the code; empty: nothing.
  std::string batch(std::uint64_t first, std::uint32_t count);

  /// The totals of one sequence, counted and by single steps, if they differ; else empty.
  std::string compare_totals(std::uint64_t seed);

  Translator& translator() { return translator_; }

  /// The seed and the code of the sequence that runs, for the handler of a fault.
  static std::string running();

 private:
  struct Sequence {
    std::uint64_t seed;
    std::uint8_t* begin;
    std::uint8_t* end;
    std::vector<std::uint8_t> expected = {};
    std::vector<std::uint8_t> found = {};
  };

  void run(Sequence& sequence, std::vector<std::uint8_t>& result);
  static std::string difference_of(const Sequence& sequence);

  static const Sequence* volatile under_way;

  Place place_;
  Translator translator_;
};

/// What differs between totals that were counted and those by single steps, one a line.
std::string difference(const Totals& counted, const Totals& stepped);

/// The instructions between two addresses, one a line.
std::string disassembly(const std::uint8_t* begin, const std::uint8_t* end);

}  // namespace flopmeter::executed::fuzz
