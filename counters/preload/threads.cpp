#include "counters/preload/threads.h"

#include <sys/mman.h>

#include <csignal>
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

Counted* make_listed() {
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

}  // namespace

Counted* acquire() {
  Counted* counted = take_over();
  if (counted == nullptr) counted = make_listed();
  stack_t found{};
  if (counted == nullptr || sigaltstack(nullptr, &found) != 0 || found.ss_flags != SS_DISABLE)
    return counted;
  const stack_t stack{counted->signal_stack.data(), 0, Counted::signal_stack_bytes};
  sigaltstack(&stack, nullptr);
  return counted;
}

void release(Counted& counted) {
  constexpr stack_t none{nullptr, SS_DISABLE, 0};
  stack_t found{};
  if (sigaltstack(nullptr, &found) == 0 && found.ss_sp == counted.signal_stack.data())
    sigaltstack(&none, nullptr);
  counted.busy = false;
}

Counted* all_counted() { return first; }

}  // namespace flopmeter::executed
