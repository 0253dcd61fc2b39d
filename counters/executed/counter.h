// Counts the instructions that a piece of code executes, by running it as translated copies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed {

/// Why executed instructions cannot be counted here, in one line; empty: they can.
std::string why_unavailable();

/// The counted code did what cannot be counted. The totals are not those of the whole. After an
/// unsupported instruction, and after a jump by which a signal handler went on elsewhere in it, the
/// function was run to its end uncounted; a jump out of the function was not made.
struct Uncountable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What else happened in the counted code.
struct Remarks {
  std::int64_t threads_created = 0;    // they ran uncounted
  std::int64_t processes_created = 0;  // they ran uncounted
  bool repeated = false;               // instructions with a rep prefix: each counts once
  bool lost = false;  // a run threw Uncountable, or a signal handler jumped out of one
};

/// Code that contributed: a function of a program or library, or code that was generated at run
/// time.
struct HotSpot {
  std::string module;         // the file's name; empty: code that was generated
  std::string symbol;         // mangled; empty: unknown
  std::uint64_t address = 0;  // the lowest that was executed
  std::uint64_t bytes = 0;    // from there to the highest
  Totals totals;
};

/// One thread at a time may use an instance. Threads that the counted code creates or wakes run
/// uncounted, and so do signal handlers, which must not use an instance that they may interrupt.
/// Code that the counted code changes must be announced by a system call, such as mprotect, before
/// it runs again: what is written over code that has run already is not seen within a run.
class Counter {
 public:
  /// Throws std::runtime_error with why_unavailable().
  Counter();
  ~Counter();
  Counter(Counter&&) noexcept;
  Counter& operator=(Counter&&) noexcept;
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  /// Calls the function and adds everything that it executes, in all code that it calls, to the
  /// totals. What the function throws is thrown on; where it ends its thread by pthread_exit, the
  /// thread ends. A cancellation of the thread waits until the function has returned. Throws
  /// Uncountable, and std::logic_error when it is called by what it counts.
  template <class F>
  void run(F&& function) {
    using Function = std::remove_reference_t<F>;
    Function* at = std::addressof(function);
    run([](void* argument) { (**static_cast<Function**>(argument))(); }, static_cast<void*>(&at));
  }

  /// Since the counter was made or reset. Does not allocate, so that reading does not move what the
  /// counted code allocates next.
  Totals totals() const;
  Remarks remarks() const;
  void reset();

  /// The most floating-point and dot-product lanes first.
  std::vector<HotSpot> hot_spots() const;

 private:
  void run(void (*function)(void*), void* argument);

  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The totals of one call on a fresh counter.
template <class F>
Totals count(F&& function) {
  Counter counter;
  counter.run(function);
  return counter.totals();
}

}  // namespace flopmeter::executed
