// Ways out of a counted function, and into and out of parts of it.
#include <gmock/gmock.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "counters/executed/counter.h"

namespace flopmeter::executed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

volatile float factor = 1.5F;

[[gnu::noinline]] void multiply_by_itself(int times) {
  for (int i = 0; i < times; ++i) factor = factor * factor;
}

constexpr Arithmetic f32_multiply{Operation::multiply, Element::f32, 1, 1, 0};

std::int64_t multiplies(const Counter& counter) {
  return counter.totals().cell(f32_multiply).instructions;
}

// The counter still counts.
void expect_good(Counter& counter) {
  const std::int64_t before = multiplies(counter);
  counter.run([] { multiply_by_itself(7); });
  EXPECT_EQ(multiplies(counter) - before, 7);
}

[[gnu::noinline]] void throws_at(int depth) {
  if (depth == 0) throw std::runtime_error("from the depth");
  throws_at(depth - 1);
  factor = factor * 1.F;
}

TEST(Leaving, ExceptionsInside) {
  Counter counter;
  counter.run([] {
    for (int i = 0; i < 3; ++i) {
      multiply_by_itself(2);
      try {
        throws_at(5);
      } catch (const std::runtime_error&) {
        multiply_by_itself(3);
      }
    }
  });
  EXPECT_EQ(multiplies(counter), 15);
  EXPECT_FALSE(counter.remarks().lost);
}

TEST(Leaving, ExceptionsAcross) {
  Counter counter;
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT([&] { counter.run([] { throws_at(5); }); },
                ThrowsMessage<std::runtime_error>("from the depth"));
  EXPECT_FALSE(counter.remarks().lost);
  expect_good(counter);
}

jmp_buf there;

TEST(Leaving, LongjmpInside) {
  Counter counter;
  counter.run([] {
    volatile int times = 0;
    setjmp(there);
    times = times + 1;
    multiply_by_itself(2);
    if (times < 5) longjmp(there, 1);
  });
  EXPECT_EQ(multiplies(counter), 10);
  expect_good(counter);
}

// The landing place has been counted before, so that it is known where it is translated.
jmp_buf* outside = nullptr;

[[gnu::noinline]] void overwrite_stack() {
  volatile char bytes[4096];
  for (volatile char& byte : bytes) byte = 1;
}

void jumps(Counter* counter, bool out);
void (*volatile one_function)(Counter*, bool) = jumps;  // no specialised copies

void jumps(Counter* counter, bool out) {
  jmp_buf here;
  if (setjmp(here) != 0) {
    overwrite_stack();
    return;
  }
  if (out) longjmp(*outside, 1);
  if (counter != nullptr) {
    outside = &here;
    counter->run([] { one_function(nullptr, true); });
  }
  longjmp(here, 1);
}

TEST(Leaving, LongjmpOut) {
  Counter counter;
  for (int i = 0; i < 3; ++i) {
    counter.run([] { one_function(nullptr, false); });
    EXPECT_FALSE(i == 0 && counter.remarks().lost);
    EXPECT_THAT([&] { one_function(&counter, false); },
                ThrowsMessage<Uncountable>(HasSubstr("left")));
    EXPECT_TRUE(counter.remarks().lost);
    expect_good(counter);
  }
}

TEST(Leaving, SiglongjmpOut) {
  Counter counter;
  static sigjmp_buf out;
  for (int i = 0; i < 3; ++i)
    if (sigsetjmp(out, 1) == 0) {
      EXPECT_THAT([&] { counter.run([] { siglongjmp(out, 1); }); },
                  ThrowsMessage<Uncountable>(HasSubstr("left")));
    }
  expect_good(counter);
}

sigjmp_buf handler_target;
void jump_from_handler(int /*signal*/) { siglongjmp(handler_target, 1); }

class LeavingByHandler : public testing::Test {
 protected:
  LeavingByHandler() { signal(SIGUSR1, jump_from_handler); }
  ~LeavingByHandler() override { signal(SIGUSR1, SIG_DFL); }
};

// Nobody sees it when it happens.
TEST_F(LeavingByHandler, Out) {
  Counter counter;
  for (int i = 0; i < 3; ++i) {
    if (sigsetjmp(handler_target, 1) == 0) {
      counter.run([] {
        multiply_by_itself(3);
        raise(SIGUSR1);
      });
      ADD_FAILURE() << "the handler did not jump";
    }
    expect_good(counter);
    EXPECT_TRUE(counter.remarks().lost);
  }
}

TEST_F(LeavingByHandler, OutForGood) {
  {
    Counter counter;
    if (sigsetjmp(handler_target, 1) == 0) counter.run([] { raise(SIGUSR1); });
  }
  Counter another;
  expect_good(another);
  EXPECT_FALSE(another.remarks().lost);
}

/// What became of a thread that counts. Its members are written by destructors.
struct Ended {
  std::int64_t counted = 0;
  bool inner_unwound = false;  // inside of the counted function
  void* result = nullptr;
};

struct Unwound {
  bool& unwound;
  ~Unwound() { unwound = true; }
};

struct Reader {
  const Counter& counter;
  Ended& ended;
  ~Reader() { ended.counted = multiplies(counter); }
};

Ended run_thread(void* (*function)(void*), bool cancel = false) {
  Ended ended;
  pthread_t thread{};
  EXPECT_EQ(pthread_create(&thread, nullptr, function, &ended), 0);
  if (cancel) pthread_cancel(thread);
  EXPECT_EQ(pthread_join(thread, &ended.result), 0);
  return ended;
}

// Prevents "FATAL: exception not rethrown", and a thread that ends without its destructors.
TEST(Leaving, PthreadExitUnwindsTheWholeThread) {
  static int value = 0;
  for (int i = 0; i < 2; ++i) {
    const Ended ended = run_thread([](void* argument) -> void* {
      auto& mine = *static_cast<Ended*>(argument);
      Counter counter;
      const Reader reader{counter, mine};
      counter.run([&] {
        const Unwound inner{mine.inner_unwound};
        multiply_by_itself(3);
        pthread_exit(&value);
      });
      ADD_FAILURE() << "the thread went on";
      return nullptr;
    });
    EXPECT_EQ(ended.result, &value);
    EXPECT_EQ(ended.counted, 3);
    EXPECT_TRUE(ended.inner_unwound);
  }
  Counter counter;
  expect_good(counter);
}

// It is asked for before, while or after the function runs: all the same.
TEST(Leaving, CancellationWaitsForTheFunction) {
  const Ended ended = run_thread(
      [](void* argument) -> void* {
        auto& mine = *static_cast<Ended*>(argument);
        int before = 0;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
        Counter counter;
        const Reader reader{counter, mine};
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
        counter.run([&] {
          multiply_by_itself(3);
          usleep(20000);
          pthread_testcancel();
          multiply_by_itself(4);
        });
        for (;;) pause();
      },
      true);
  EXPECT_EQ(ended.result, PTHREAD_CANCELED);
  EXPECT_EQ(ended.counted, 7);
}

int cancellation_state() {
  int state = 0;
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
  pthread_setcancelstate(state, nullptr);
  return state;
}

TEST_F(LeavingByHandler, CancellationIsAdmittedAgain) {
  {
    Counter counter;
    expect_good(counter);
    EXPECT_EQ(cancellation_state(), PTHREAD_CANCEL_ENABLE);
    if (sigsetjmp(handler_target, 1) == 0) counter.run([] { raise(SIGUSR1); });
  }
  EXPECT_EQ(cancellation_state(), PTHREAD_CANCEL_ENABLE);
}

Counter* of_handler = nullptr;

// Another counter, which the handler does not interrupt.
TEST(Leaving, HandlersMayCount) {
  Counter inner;
  of_handler = &inner;
  signal(SIGUSR1, [](int) { of_handler->run([] { multiply_by_itself(3); }); });
  Counter outer;
  outer.run([] {
    multiply_by_itself(1);
    raise(SIGUSR1);
    multiply_by_itself(1);
    std::thread([] {}).join();
    multiply_by_itself(2);
  });
  signal(SIGUSR1, SIG_DFL);
  EXPECT_EQ(multiplies(inner), 3);
  EXPECT_EQ(multiplies(outer), 4);
}

// It goes on where no translated code is.
TEST_F(LeavingByHandler, Inside) {
  Counter counter;
  EXPECT_THAT(
      [&] {
        counter.run([] {
          if (sigsetjmp(handler_target, 1) == 0) raise(SIGUSR1);
          multiply_by_itself(3);
        });
      },
      ThrowsMessage<Uncountable>(HasSubstr("signal handler")));
  EXPECT_TRUE(counter.remarks().lost);
  expect_good(counter);
}

TEST(Leaving, NestedUse) {
  Counter outer;
  Counter inner;
  std::string text;
  outer.run([&] {
    try {
      inner.run([] { multiply_by_itself(1); });
    } catch (const std::logic_error& error) {
      text = error.what();
    }
    multiply_by_itself(2);
  });
  EXPECT_THAT(text, HasSubstr("started to count"));
  EXPECT_EQ(multiplies(outer), 2);
  EXPECT_THROW(outer.run([&] { outer.run([] {}); }), std::logic_error);
  expect_good(outer);
  expect_good(inner);
}

// A kernel may have no 32-bit system calls, and let programs set gs by none but 64-bit ones.
void skip_instruction(int /*signal*/, siginfo_t* /*info*/, void* context) {
  auto& address = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
  const bool interrupt = *reinterpret_cast<const std::uint8_t*>(address) == 0xcd;
  address += interrupt ? 2 : 5;
}

TEST(Leaving, UnsupportedInstructionsAreNamed) {
  struct sigaction action {};
  action.sa_sigaction = skip_instruction;
  action.sa_flags = SA_SIGINFO;
  struct sigaction segv {};
  struct sigaction ill {};
  sigaction(SIGSEGV, &action, &segv);
  sigaction(SIGILL, &action, &ill);
  Counter counter;
  const auto read_gs = [] {
    std::uint64_t base = 0;
    asm volatile("rdgsbase %0" : "=r"(base));
    multiply_by_itself(3);
  };
  const auto interrupt = [] {
    long getpid_call = 20;
    asm volatile("int $0x80" : "+a"(getpid_call) : : "memory", "r8", "r9", "r10", "r11");
  };
  const auto interrupt_return = [] {
    asm volatile(
        "movq %%rsp, %%rax\n"
        "subq $128, %%rsp\n"
        "movq %%ss, %%rcx\n pushq %%rcx\n pushq %%rax\n pushfq\n"
        "movq %%cs, %%rcx\n pushq %%rcx\n leaq 1f(%%rip), %%rcx\n pushq %%rcx\n"
        "iretq\n"
        "1:\n"
        :
        :
        : "rax", "rcx", "memory", "cc");
  };
  EXPECT_THAT([&] { counter.run(read_gs); }, ThrowsMessage<Uncountable>(HasSubstr("rdgsbase")));
  EXPECT_THAT([&] { counter.run(interrupt); }, ThrowsMessage<Uncountable>(HasSubstr("int 0x80")));
  EXPECT_THAT([&] { counter.run(interrupt_return); },
              ThrowsMessage<Uncountable>(HasSubstr("iretq")));
  expect_good(counter);
  sigaction(SIGSEGV, &segv, nullptr);
  sigaction(SIGILL, &ill, nullptr);
}

std::uint64_t gs_base() {
  std::uint64_t base = 1;
  constexpr long get_gs = 0x1004;
  syscall(SYS_arch_prctl, get_gs, &base);
  return base;
}

TEST(Leaving, GsIsWhatItWas) {
  const std::uint64_t before = gs_base();
  Counter counter;
  expect_good(counter);
  EXPECT_EQ(gs_base(), before);
  EXPECT_THROW(counter.run([] { throw 1; }), int);
  EXPECT_EQ(gs_base(), before);
}

}  // namespace
}  // namespace flopmeter::executed
