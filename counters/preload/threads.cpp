#include "counters/preload/threads.h"

#include <new>

#include "counters/preload/space.h"

namespace flopmeter::executed {

// The counters start at zero and are seen by whoever reads the file.
bool Threads::share(Counted& counted) const {
  std::uint64_t offset = 0;
  std::uint8_t* const pages =
      space.allocate(shared_thread_bytes, offset, counted.arena + arena::record);
  if (pages == nullptr) return false;
  auto* const thread = reinterpret_cast<SharedThread*>(pages);
  thread->next = record_->threads;
  while (!record_->threads.compare_exchange_weak(thread->next, offset)) {
  }
  counted.process = record_->process;
  return true;
}

Counted* Threads::take_over() {
  for (Counted* counted = first_; counted != nullptr; counted = counted->next) {
    std::atomic_ref<std::uint64_t> busy(counted->context().busy);
    if (busy.load(std::memory_order_relaxed) != 0 || busy.exchange(1) != 0) continue;
    counted->translator->forget_handlers();
    if (counted->process == record_->process || share(*counted)) return counted;
  }
  return nullptr;
}

// In pages of its own: the program's heap stays as it is. They are never given back.
Counted* Threads::make(Translation& translation, Host& host) {
  std::uint64_t unused = 0;
  std::uint8_t* const pages = private_pages(sizeof(Counted), unused);
  std::uint8_t* const arena = private_pages(arena::size, unused);
  if (pages == nullptr || arena == nullptr) return nullptr;
  auto* const counted = new (pages) Counted;
  counted->arena = arena;
  if (!share(*counted)) return nullptr;
  try {
    counted->translator.emplace(has_fsgsbase(), translation, host, arena);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  counted->context().busy = 1;
  counted->next = first_;
  while (!first_.compare_exchange_weak(counted->next, counted)) {
  }
  return counted;
}

Counted* Threads::acquire(Translation& translation, Host& host) {
  Counted* const old = take_over();
  return old != nullptr ? old : make(translation, host);
}

bool Threads::fork(Counted& self) {
  for (Counted* counted = first_; counted != nullptr; counted = counted->next)
    if (counted != &self) counted->context().busy = 0;
  return share(self);
}

Counted* Threads::find(const Translator& translator) const {
  Counted* counted = first_;
  while (counted != nullptr && &*counted->translator != &translator) counted = counted->next;
  return counted;
}

}  // namespace flopmeter::executed
