#include "counters/preload/threads.h"

#include <sys/mman.h>

#include <exception>
#include <new>

namespace flopmeter::executed {
namespace {

std::atomic<Counted*> first = nullptr;

Counted* take_over() {
  for (Counted* counted = first; counted != nullptr; counted = counted->next) {
    if (counted->busy.exchange(true)) continue;
    counted->unsupported = counted->met_unsupported();

    return counted;
  }
  return nullptr;
}

// In pages of its own: the program's heap stays as it is. They are never given back.
Counted* make() {
  void* const pages =
      mmap(nullptr, sizeof(Counted), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return new (pages) Counted(has_fsgsbase());
}

}  // namespace

Counted* acquire() {
  if (Counted* const free = take_over()) return free;
  try {
    Counted* const counted = make();
    counted->next = first;
    while (!first.compare_exchange_weak(counted->next, counted)) {
    }
    return counted;
  } catch (const std::exception&) {
    return nullptr;
  }
}

void release(Counted& counted) { counted.busy = false; }

Counted* all_counted() { return first; }

}  // namespace flopmeter::executed
