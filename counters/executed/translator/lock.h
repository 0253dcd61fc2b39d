// A lock between threads that run translated code. Signals wait meanwhile: a handler may need the
// lock, too, or never come back.
#pragma once

#include <atomic>
#include <cstdint>

#include "counters/executed/translator/context.h"

namespace flopmeter::executed {

/// Blocks all signals, as long as it lives. By system calls alone.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  std::uint64_t before_ = 0;
};

/// After a fork the copy of a lock that another thread held is that of no thread.
class Mutex {
 public:
  void lock();
  void unlock() { holder_.store(0, std::memory_order_release); }

 private:
  std::atomic<int> holder_ = 0;  // the process whose thread holds it; 0: none does
};

/// Has the handlers of this thread's signals wait, as long as it lives, of a program that is counted
/// as a whole. Without a system call, unless one comes: it is sent again, and blocked until then.
class HandlersWait {
 public:
  explicit HandlersWait(Context& context);
  ~HandlersWait();
  HandlersWait(const HandlersWait&) = delete;
  HandlersWait& operator=(const HandlersWait&) = delete;

  /// In a handler that has to wait: to be called again, it returns.
  static void come_again(Context& context, std::uint64_t signal, const void* information,
                         std::uint64_t& blocked_after);

 private:
  Context& context_;
};

class Locked {
 public:
  explicit Locked(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Locked() { mutex_.unlock(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  SignalsBlocked blocked_;
  Mutex& mutex_;
};

}  // namespace flopmeter::executed
