// The regions of this process: named parts between two marks, which flopmeter/region.h makes.
#pragma once

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <new>

#include "counters/executed/region_record.h"
#include "counters/preload/region_clock.h"

namespace flopmeter::executed {

struct Counted;

/// In pages of its own, away from the program's heap. nullptr: there is no memory.
template <class T>
T* make_in_pages() {
  constexpr int private_pages = MAP_PRIVATE | MAP_ANONYMOUS;
  void* const pages = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, private_pages, -1, 0);
  return pages == MAP_FAILED ? nullptr : new (pages) T;
}

/// What a thread has to do with regions. As long as it has made no mark, it is a helper of those
/// who have; with its first mark it turns out never to have been one.
struct ThreadRegions {
  struct Open {
    std::uint32_t region = 0;
    std::int64_t call = 0;   // its number among those of the region
    std::int64_t times = 0;  // it was begun within itself
    std::int64_t start = 0;  // nanoseconds
    std::int64_t flops = 0;  // so far
  };
  /// What it has given to a region as a helper.
  struct Help {
    Totals totals;
    std::int64_t call = 0;   // the latest that it was given to
    std::int64_t flops = 0;  // of these, to that call
  };
  static constexpr std::uint32_t most_open = 64;

  void forget_help();

  Totals seen;  // of the thread, up to where regions were told
  bool has_marked = false;
  std::uint32_t open_count = 0;
  std::array<Open, most_open> open{};
  std::array<Help*, RegionTable::most> helped{};  // by region; nullptr: nothing, or no memory
  std::int64_t shared_flops = 0;                  // while it was not known whom it helped
  std::array<bool, RegionTable::most> entered{};  // by region: it is one of its threads
};

/// Work is given to regions whenever a mark is made, up to which nothing about them has changed:
/// that of the thread itself to the regions it has open, that of helpers to those of the one
/// thread that has any.
class Regions {
 public:
  /// Makes the table in the file that is shared; without it, marks do nothing. Where it is; 0: there
  /// is no memory.
  std::uint64_t load();
  /// This process was forked: nothing is open here, and of its threads only the caller is there.
  void fork();

  // By the dispatcher of the thread; the name need not stay. Neither allocates from the heap.
  void begin(Counted& self, const char* name);
  void end(Counted& self, const char* name);

  void thread_started(Counted& self);
  /// What it has open stays unended; the next thread that takes over its translator is another.
  void thread_ended(Counted& self);
  /// The process is about to end: what is open has executed what it has up to here.
  void process_ends();

 private:
  class Pause;

  ThreadRegions* regions_of(Counted& thread);
  bool is_name_of(std::uint32_t region, const char* name) const;
  std::uint32_t find_or_make(const char* name);
  void take_work(Counted& thread);
  void give_work(ThreadRegions& to, ThreadRegions* helper);
  void note_help(ThreadRegions& helper, const ThreadRegions::Open& open, std::int64_t flops);
  bool is_here(const Counted& thread) const;
  ThreadRegions* sole_owner(bool& several) const;
  void advance_helper(Counted& thread, ThreadRegions* owner, bool several);
  void advance_helpers();
  void advance_marked(Counted& thread);
  void advance(Counted& self);
  ThreadRegions::Open* find_call(std::uint32_t region, std::int64_t call) const;
  void take_back(std::uint32_t region, const ThreadRegions::Help& help);
  void take_back_help(ThreadRegions& thread);
  void enter(ThreadRegions& thread, std::uint32_t region, std::int64_t now);
  void leave(ThreadRegions& thread, std::uint32_t place, std::int64_t now);
  void note_left(std::uint32_t region, std::int64_t now);

  RegionTable* table_ = nullptr;
  RegionClock clock_;
  // Not on the stack, which may be that of a small thread or of a signal handler.
  Totals now_;
  Totals work_;
  std::atomic<int> locked_ = 0;
  std::array<std::int64_t, RegionTable::most> inside_{};  // threads that are in a region
  std::array<std::int64_t, RegionTable::most> since_{};   // when the first of them came
};

}  // namespace flopmeter::executed
