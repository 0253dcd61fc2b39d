// The translators of this process: one for each thread that is counted.
#pragma once

#include <atomic>

#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {

struct ThreadRegions;

/// A translator outlives its thread: the next thread takes it over with all that it has translated
/// and counted, so that the sum over all of them is always that of the process.
struct Counted {
  static constexpr std::size_t signal_stack_bytes = 1U << 16;

  Translator translator;
  Pages signal_stack{signal_stack_bytes};  // for a handler where the thread's stack is used up
  std::atomic<bool> busy = true;
  std::uint64_t unsupported = 0;     // of earlier threads: an instruction that could not be counted
  ThreadRegions* regions = nullptr;  // set while there are any
  Counted* next = nullptr;

  /// Of any of its threads; 0: none was met.
  std::uint64_t met_unsupported() const {
    return unsupported != 0 ? unsupported : translator.ending().unsupported;
  }

  explicit Counted(bool use_fsgsbase) : translator(use_fsgsbase) {}
};

/// A translator for this thread, which is then busy until the thread releases it; and where the
/// thread has none, a stack for signals. nullptr: there is no memory for another.
Counted* acquire();
void release(Counted& counted);

/// All that were ever made, by `next`; their counts move on while their threads run.
Counted* all_counted();

}  // namespace flopmeter::executed
