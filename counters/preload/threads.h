// The counters of this process: one set for each thread that is counted.
#pragma once

#include <atomic>
#include <optional>

#include "counters/executed/shared_process.h"
#include "counters/executed/translator/translator.h"
#include "counters/preload/environment.h"

namespace flopmeter::executed {

struct ThreadRegions;

/// It outlives its thread: the next thread takes it over with all that it has counted, so that the
/// sum over all of them is always that of the process.
struct Counted {
  static constexpr std::size_t signal_stack_bytes = 1U << 16;

  std::uint8_t* arena = nullptr;
  std::optional<Translator> translator;
  std::int32_t process = 0;          // whose record its counters are in
  std::uint64_t signals = 0;         // that were blocked before it was made, or makes another
  bool forks = false;                // it holds the locks of the translation
  bool blocked = false;              // all are, until the other has been made
  Counted* borrower = nullptr;       // a child that has this memory until it runs a program or ends
  bool borrows = false;              // it is one
  Environment environment;           // that a borrower has handed on
  ThreadRegions* regions = nullptr;  // set while there are any
  Counted* next = nullptr;

  Context& context() const { return *reinterpret_cast<Context*>(arena); }
};

class Threads {
 public:
  explicit constexpr Threads(SharedProcess*& record) : record_(record) {}

  /// Of a thread that is made next, which is then busy; nullptr: there is no memory for another.
  Counted* acquire(Translation& translation, Host& host);
  /// The counters of this one are another's from now on, and those of all others are free: this
  /// process was forked by its thread. False: there is no memory.
  bool fork(Counted& self);
  Counted* find(const Translator& translator) const;

  /// All that were ever made, by `next`; their counts move on while their threads run.
  Counted* all() const { return first_; }

 private:
  bool share(Counted& counted) const;
  Counted* take_over();
  Counted* make(Translation& translation, Host& host);

  SharedProcess*& record_;
  std::atomic<Counted*> first_ = nullptr;
};

}  // namespace flopmeter::executed
