#include "counters/executed/translator/lock.h"

#include <asm/unistd_64.h>

#include "counters/executed/translator/system_call.h"

namespace flopmeter::executed {
namespace {

constexpr std::uint64_t set_mask = 2;  // SIG_SETMASK

long change_mask(const std::uint64_t& to, std::uint64_t* before) {
  return system_call(__NR_rt_sigprocmask, set_mask, reinterpret_cast<std::uint64_t>(&to),
                     reinterpret_cast<std::uint64_t>(before), sizeof to);
}

}  // namespace

SignalsBlocked::SignalsBlocked() {
  const std::uint64_t all = ~std::uint64_t{0};
  change_mask(all, &before_);
}

SignalsBlocked::~SignalsBlocked() { change_mask(before_, nullptr); }

void Mutex::lock() {
  constexpr int spins = 64;
  const auto self = static_cast<int>(system_call(__NR_getpid));
  int tries = 0;
  for (int found = 0; !holder_.compare_exchange_weak(found, self, std::memory_order_acquire);) {
    // Another process holds nothing here: this one was forked from it, by one thread.
    if (found == self) found = 0;
    if (++tries % spins == 0) system_call(__NR_sched_yield);
    __builtin_ia32_pause();
  }
}

}  // namespace flopmeter::executed
