#include "counters/executed/translator/registry.h"

#include <asm/unistd_64.h>

#include <algorithm>
#include <atomic>

#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

int this_process() {
  long result = __NR_getpid;
  asm volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
  return static_cast<int>(result);
}

// The process whose thread holds the lock; 0: none does. After a fork the copy of a lock that
// another thread held is that of no thread.
std::atomic<int> holder = 0;

class Lock {
 public:
  Lock() {
    const int self = this_process();
    for (int found = 0; !holder.compare_exchange_weak(found, self, std::memory_order_acquire);) {
      if (found == self) found = 0;
      __builtin_ia32_pause();
    }
  }
  ~Lock() { holder.store(0, std::memory_order_release); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
};

Translator* first = nullptr;

}  // namespace

void Ranges::add(const Range& range) {
  if (range.empty()) return;
  if (size < items.size()) {
    items[size++] = range;
    return;
  }
  Range& last = items[size - 1];
  last = {std::min(last.begin, range.begin), std::max(last.end, range.end)};
}

void enlist(Translator& translator) {
  const Lock lock;
  translator.enlisted_next = first;
  first = &translator;
}

void withdraw(Translator& translator) {
  const Lock lock;
  Translator** link = &first;
  while (*link != &translator) link = &(*link)->enlisted_next;
  *link = translator.enlisted_next;
}

void tell_others(const Translator& teller, const Range& changed) {
  const Lock lock;
  for (Translator* other = first; other != nullptr; other = other->enlisted_next)
    if (other != &teller && other->may_have_blocks_in(changed)) other->tell(changed);
}

Range take_told(Translator& translator) {
  const Lock lock;
  return translator.take_told();
}

}  // namespace flopmeter::executed
