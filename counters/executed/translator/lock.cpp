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

// A word that is 0 again in a process that was forked; nullptr: this kernel has none.
std::atomic<int>* make_number() {
  constexpr std::uint64_t private_nameless = 0x22;
  constexpr std::uint64_t readable_writable = 3;
  constexpr std::uint64_t bytes = 4096;
  constexpr std::uint64_t wipe_on_fork = 18;  // MADV_WIPEONFORK
  const long pages =
      system_call(__NR_mmap, 0, bytes, readable_writable, private_nameless, ~std::uint64_t{0}, 0);
  if (has_failed(pages)) return nullptr;
  const auto at = static_cast<std::uint64_t>(pages);
  if (!has_failed(system_call(__NR_madvise, at, bytes, wipe_on_fork)))
    return reinterpret_cast<std::atomic<int>*>(at);
  system_call(__NR_munmap, at, bytes);
  return nullptr;
}

constinit std::atomic<std::atomic<int>*> process_number = nullptr;

// Each call would be a system call; a lock is taken for every trace.
int this_process() {
  std::atomic<int>* known = process_number.load(std::memory_order_acquire);
  if (known == nullptr) {
    known = make_number();
    if (known == nullptr) return static_cast<int>(system_call(__NR_getpid));
    process_number.store(known, std::memory_order_release);
  }
  int number = known->load(std::memory_order_relaxed);
  if (number == 0) {
    number = static_cast<int>(system_call(__NR_getpid));
    known->store(number, std::memory_order_relaxed);
  }
  return number;
}

}  // namespace

SignalsBlocked::SignalsBlocked() {
  const std::uint64_t all = ~std::uint64_t{0};
  change_mask(all, &before_);
}

SignalsBlocked::~SignalsBlocked() { change_mask(before_, nullptr); }

HandlersWait::HandlersWait(Context& context) : context_(context) {
  context_.holds_lock = 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

HandlersWait::~HandlersWait() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  context_.holds_lock = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (context_.waiting == 0) return;
  context_.waiting = 0;
  change_mask(context_.blocked_before, nullptr);
}

// From now on all signals are blocked: no second one comes.
void HandlersWait::come_again(Context& context, std::uint64_t signal, const void* information,
                              std::uint64_t& blocked_after) {
  const std::uint64_t all = ~std::uint64_t{0};
  change_mask(all, nullptr);
  context.blocked_before = blocked_after;
  context.waiting = 1;
  blocked_after = all;
  system_call(__NR_rt_tgsigqueueinfo, static_cast<std::uint64_t>(system_call(__NR_getpid)),
              static_cast<std::uint64_t>(system_call(__NR_gettid)), signal,
              reinterpret_cast<std::uint64_t>(information));
}

void Mutex::lock() {
  constexpr int spins = 64;
  const int self = this_process();
  int tries = 0;
  for (int found = 0; !holder_.compare_exchange_weak(found, self, std::memory_order_acquire);) {
    // Another process holds nothing here: this one was forked from it, by one thread.
    if (found == self) found = 0;
    if (++tries % spins == 0) system_call(__NR_sched_yield);
    __builtin_ia32_pause();
  }
}

}  // namespace flopmeter::executed
