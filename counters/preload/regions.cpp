#include "counters/preload/regions.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

#include "counters/executed/arithmetic/flops.h"
#include "counters/preload/process.h"
#include "counters/preload/space.h"

namespace flopmeter::executed {
namespace {

// For the next thread that takes its counters over, which is another.
void forget_thread(ThreadRegions& thread) {
  thread.forget_help();
  thread.open_count = 0;
  thread.has_marked = false;
  thread.entered = {};
}

}  // namespace

// Marks are rare, and each holds it for some microseconds: a thread that waits for long has itself
// been interrupted by a signal while it held it, or died.
class Regions::Pause {
 public:
  explicit Pause(Regions& regions, int most_tries = std::numeric_limits<int>::max())
      : regions_(regions) {
    for (int i = 0; i < most_tries && !holds_; ++i) {
      holds_ = regions_.locked_.exchange(1) == 0;
      if (!holds_) syscall(SYS_sched_yield);
    }
    if (holds_) time_ = regions_.clock_.stop();
  }
  ~Pause() {
    if (!holds_) return;
    regions_.clock_.go();
    regions_.locked_ = 0;
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

  bool holds() const { return holds_; }
  std::int64_t time() const { return time_; }

 private:
  Regions& regions_;
  bool holds_ = false;
  std::int64_t time_ = 0;
};

// Of a thread that has none yet, from here on. nullptr: there is no memory.
ThreadRegions* Regions::regions_of(Counted& thread) {
  if (thread.regions != nullptr) return thread.regions;
  thread.regions = make_in_pages<ThreadRegions>();
  if (thread.regions == nullptr) return nullptr;
  thread.translator->add_totals(thread.regions->seen);
  return thread.regions;
}

std::uint64_t Regions::load() {
  std::uint64_t offset = 0;
  std::uint8_t* const pages = space.allocate(sizeof(RegionTable), offset);
  table_ = nullptr;
  if (pages == nullptr) return 0;
  // The file is full of zeros, as the table is but for this: no page of it is touched in vain.
  table_ = reinterpret_cast<RegionTable*>(pages);
  table_->magic = RegionTable::magic_value;
  return offset;
}

void Regions::fork() {
  for (Counted* thread = process.threads().all(); thread != nullptr; thread = thread->next) {
    if (thread->regions == nullptr) continue;
    thread->regions->seen = {};
    forget_thread(*thread->regions);
  }
  inside_ = {};
  locked_ = 0;
}

bool Regions::is_name_of(std::uint32_t region, const char* name) const {
  return std::strncmp(table_->regions[region].name.data(), name, RegionRecord::longest_name) == 0;
}

// RegionTable::most: there is no room for another.
std::uint32_t Regions::find_or_make(const char* name) {
  const std::uint32_t size = table_->size;
  for (std::uint32_t i = 0; i < size; ++i)
    if (is_name_of(i, name)) return i;
  if (size == RegionTable::most) return size;
  std::strncpy(table_->regions[size].name.data(), name, RegionRecord::longest_name);
  table_->size = size + 1;
  return size;
}

void Regions::advance(Counted& self) {
  try {
    advance_helpers();
    advance_marked(self);
  } catch (const CountOverflow&) {
    table_->overflow = true;
  }
}

void Regions::enter(ThreadRegions& thread, std::uint32_t number, std::int64_t now) {
  RegionRecord& region = table_->regions[number];
  ++region.calls;
  ThreadRegions::Open* const end = thread.open.data() + thread.open_count;
  ThreadRegions::Open* const same = std::find_if(
      thread.open.data(), end, [&](const auto& open) { return open.region == number; });
  if (same != end) {
    ++same->times;
    return;
  }
  if (thread.open_count == ThreadRegions::most_open) {
    ++table_->too_many_open;
    return;
  }
  *end = {number, region.calls, 1, now, 0};
  ++thread.open_count;
  ++region.open;
  if (!thread.entered[number]) ++region.threads;
  thread.entered[number] = true;
  if (inside_[number]++ == 0) since_[number] = now;
}

void Regions::note_left(std::uint32_t number, std::int64_t now) {
  if (--inside_[number] == 0) table_->regions[number].seconds_1e9 += now - since_[number];
}

void Regions::leave(ThreadRegions& thread, std::uint32_t place, std::int64_t now) {
  ThreadRegions::Open& open = thread.open[place];
  if (--open.times > 0) return;
  RegionRecord& region = table_->regions[open.region];
  const bool is_first = region.calls - region.open == 0;
  region.fewest_flops = is_first ? open.flops : std::min(region.fewest_flops, open.flops);
  region.most_flops = std::max(region.most_flops, open.flops);
  region.call_seconds_1e9 += now - open.start;
  --region.open;
  note_left(open.region, now);
  std::copy(&open + 1, thread.open.data() + thread.open_count, &open);
  --thread.open_count;
}

void Regions::begin(Counted& self, const char* name) {
  if (table_ == nullptr || name == nullptr) return;
  const Pause pause(*this);
  if (regions_of(self) == nullptr) return;
  advance(self);
  if (!self.regions->has_marked) take_back_help(*self.regions);
  self.regions->has_marked = true;
  const std::uint32_t region = find_or_make(name);
  if (region == RegionTable::most)
    ++table_->beyond_most;
  else
    enter(*self.regions, region, pause.time());
}

void Regions::end(Counted& self, const char* name) {
  if (table_ == nullptr || name == nullptr) return;
  const Pause pause(*this);
  if (regions_of(self) == nullptr) return;
  advance(self);
  ThreadRegions& thread = *self.regions;
  std::uint32_t place = thread.open_count;
  while (place > 0 && !is_name_of(thread.open[place - 1].region, name)) --place;
  if (place == 0)
    table_->never_begun += table_->beyond_most == 0 ? 1 : 0;
  else
    leave(thread, place - 1, pause.time());
}

// Its work counts from here on, and not from the next mark, when it may have done it.
void Regions::thread_started(Counted& self) {
  if (table_ == nullptr || table_->size == 0) return;
  const Pause pause(*this);
  regions_of(self);
}

// A helper was one to its end; the thread that takes its counters over is not answerable for it.
void Regions::thread_ended(Counted& self) {
  if (table_ == nullptr || self.regions == nullptr) return;
  const Pause pause(*this);
  ThreadRegions& thread = *self.regions;
  try {
    bool several = false;
    ThreadRegions* const owner = sole_owner(several);
    advance_helper(self, owner, several);
    if (thread.has_marked) advance(self);
  } catch (const CountOverflow&) {
    table_->overflow = true;
  }
  for (std::uint32_t i = 0; i < thread.open_count; ++i)
    note_left(thread.open[i].region, pause.time());
  forget_thread(thread);
}

void Regions::process_ends() {
  if (table_ == nullptr || table_->size == 0) return;
  constexpr int tries = 1000;
  const Pause pause(*this, tries);
  if (!pause.holds()) return;
  try {
    advance_helpers();
    for (Counted* thread = process.threads().all(); thread != nullptr; thread = thread->next)
      advance_marked(*thread);
  } catch (const CountOverflow&) {
    table_->overflow = true;
  }
  for (std::uint32_t i = 0; i < table_->size; ++i) {
    if (inside_[i] == 0) continue;
    table_->regions[i].seconds_1e9 += pause.time() - since_[i];
    since_[i] = pause.time();
  }
}

}  // namespace flopmeter::executed
