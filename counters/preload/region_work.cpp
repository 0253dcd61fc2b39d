// Whose regions the work of a thread belongs to.
#include <sys/mman.h>

#include "counters/executed/arithmetic/flops.h"
#include "counters/preload/process.h"
#include "counters/preload/regions.h"

namespace flopmeter::executed {

void ThreadRegions::forget_help() {
  for (Help*& help : helped) {
    if (help != nullptr) munmap(help, sizeof *help);
    help = nullptr;
  }
  shared_flops = 0;
}

// Leaves in work_ what the thread has executed since the last time.
void Regions::take_work(Counted& thread) {
  now_ = {};
  thread.translator->add_totals(now_);
  work_ = now_;
  work_ -= thread.regions->seen;
  thread.regions->seen = now_;
}

// Others are left from before this process was forked.
bool Regions::is_here(const Counted& thread) const {
  return thread.process == process.record().process;
}

// The one thread that has regions open, if it is one.
ThreadRegions* Regions::sole_owner(bool& several) const {
  ThreadRegions* owner = nullptr;
  for (Counted* thread = process.threads().all(); thread != nullptr; thread = thread->next) {
    if (thread->regions == nullptr || thread->regions->open_count == 0) continue;
    several = owner != nullptr;
    if (several) return nullptr;
    owner = thread->regions;
  }
  return owner;
}

void Regions::give_work(ThreadRegions& to, ThreadRegions* helper) {
  const std::int64_t flops = exact_flops(work_, Lanes::active);
  for (std::uint32_t i = 0; i < to.open_count; ++i) {
    ThreadRegions::Open& open = to.open[i];
    table_->regions[open.region].totals += work_;
    open.flops += flops;
    if (helper != nullptr) note_help(*helper, open, flops);
  }
}

void Regions::note_help(ThreadRegions& helper, const ThreadRegions::Open& open,
                        std::int64_t flops) {
  table_->regions[open.region].helped_flops += flops;
  ThreadRegions::Help*& help = helper.helped[open.region];
  if (help == nullptr) {
    help = make_in_pages<ThreadRegions::Help>();
    if (help == nullptr) return;
  }
  help->totals += work_;
  help->flops = flops + (help->call == open.call ? help->flops : 0);
  help->call = open.call;
}

void Regions::advance_helper(Counted& thread, ThreadRegions* owner, bool several) {
  ThreadRegions* const helper = regions_of(thread);
  if (helper == nullptr || helper->has_marked) return;
  take_work(thread);
  if (work_.instructions == 0) return;
  if (owner != nullptr) give_work(*owner, helper);
  if (!several) return;
  const std::int64_t flops = exact_flops(work_, Lanes::active);
  helper->shared_flops += flops;
  table_->shared_flops += flops;
}

void Regions::advance_helpers() {
  bool several = false;
  ThreadRegions* const owner = sole_owner(several);
  for (Counted* thread = process.threads().all(); thread != nullptr; thread = thread->next)
    if (is_here(*thread)) advance_helper(*thread, owner, several);
}

void Regions::advance_marked(Counted& thread) {
  if (thread.regions == nullptr || !thread.regions->has_marked) return;
  take_work(thread);
  give_work(*thread.regions, nullptr);
}

ThreadRegions::Open* Regions::find_call(std::uint32_t region, std::int64_t call) const {
  for (Counted* thread = process.threads().all(); thread != nullptr; thread = thread->next) {
    if (thread->regions == nullptr) continue;
    ThreadRegions& regions = *thread->regions;
    for (std::uint32_t i = 0; i < regions.open_count; ++i)
      if (regions.open[i].region == region && regions.open[i].call == call) return &regions.open[i];
  }
  return nullptr;
}

// What it gave to calls that have ended stays in the fewest and the most FLOPs of a call.
void Regions::take_back(std::uint32_t number, const ThreadRegions::Help& help) {
  RegionRecord& region = table_->regions[number];
  std::int64_t flops = exact_flops(help.totals, Lanes::active);
  region.totals -= help.totals;
  region.helped_flops -= flops;
  if (ThreadRegions::Open* const open = find_call(number, help.call); open != nullptr) {
    open->flops -= help.flops;
    flops -= help.flops;
  }
  region.doubtful_flops += flops;
}

void Regions::take_back_help(ThreadRegions& thread) {
  table_->shared_flops -= thread.shared_flops;
  for (std::uint32_t i = 0; i < table_->size; ++i)
    if (thread.helped[i] != nullptr) take_back(i, *thread.helped[i]);
  thread.forget_help();
}

}  // namespace flopmeter::executed
