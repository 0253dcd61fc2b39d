// What counted code asks of the operating system.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "counters/executed/counter.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

constexpr Arithmetic one_f32_multiply{Operation::multiply, Element::f32, 1, 1, 0};

[[gnu::noinline]] void multiply_often(volatile float& x, int times) {
  for (int i = 0; i < times; ++i) x = x * x;
}

std::int64_t multiplies(const Totals& totals) { return totals.cell(one_f32_multiply).instructions; }

// Runs a lambda on a translator, as Counter does, but in either way of setting gs.
template <class F>
void run(Translator& translator, F f) {
  EXPECT_TRUE(translator.run([](void* g) { (*static_cast<F*>(g))(); }, &f).returned);
}

// With the instruction, where the kernel lets programs set gs, and with a system call.
class System : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam() && !has_fsgsbase()) GTEST_SKIP() << "the kernel does not let programs set gs";
    // With a program's first thread the thread sanitizer begins one of its own.
    std::thread([] {}).join();
  }
  Translator translator{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Gs, System, testing::Values(false, true), [](const auto& way) {
  return std::string(way.param ? "fsgsbase" : "arch_prctl");
});

TEST_P(System, ThreadsAreRemarked) {
  volatile float x = 1;
  volatile float y = 1;
  run(translator, [&] {
    multiply_often(x, 5);
    std::thread one([&] { multiply_often(y, 1000); });
    one.join();
    std::thread([&] { multiply_often(x, 0); }).join();
  });
  EXPECT_EQ(translator.events().threads_created, 2U);
  EXPECT_EQ(translator.events().processes_created, 0U);
  EXPECT_EQ(multiplies(translator.totals()), 5);
}

// They may start when the counter has gone.
TEST(System, ThreadsOutliveTheCounter) {
  if (!has_fsgsbase()) GTEST_SKIP() << "the kernel does not let programs set gs";
  std::atomic<int> done = 0;
  constexpr int threads = 200;
  for (int i = 0; i < threads; ++i) {
    const auto start = [&] { std::thread([&] { ++done; }).detach(); };
    count(start);
  }
  while (done < threads) std::this_thread::yield();
}

int status_of(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST_P(System, ForkInside) {
  volatile float x = 1;
  int status = -1;
  run(translator, [&] {
    const pid_t child = fork();
    if (child == 0) {
      multiply_often(x, 1000);
      _exit(x == 1 ? 7 : 8);
    }
    status = status_of(child);
    multiply_often(x, 5);
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(translator.events().processes_created, 1U);
  EXPECT_EQ(multiplies(translator.totals()), 5);
}

// The child leaves the run by its return, and goes on counting.
TEST(System, ForkedChildReturns) {
  Counter counter;
  volatile float x = 1;
  pid_t child = -1;
  const pid_t parent = getpid();
  counter.run([&] {
    multiply_often(x, 5);
    child = fork();
    multiply_often(x, 2);
  });
  if (getpid() != parent) {
    const std::int64_t before = multiplies(counter.totals());
    counter.run([&] { multiply_often(x, 3); });
    _exit(before == 5 && multiplies(counter.totals()) == 8 ? 0 : 1);
  }
  EXPECT_EQ(status_of(child), 0);
  EXPECT_EQ(multiplies(counter.totals()), 7);
  EXPECT_EQ(counter.remarks().processes_created, 1);
}

TEST(System, ForkOutside) {
  Counter counter;
  volatile float x = 1;
  counter.run([&] { multiply_often(x, 5); });
  const pid_t child = fork();
  if (child == 0) {
    counter.run([&] { multiply_often(x, 3); });
    _exit(multiplies(counter.totals()) == 8 ? 0 : 1);
  }
  EXPECT_EQ(status_of(child), 0);
  counter.run([&] { multiply_often(x, 2); });
  EXPECT_EQ(multiplies(counter.totals()), 7);
}

TEST(System, OtherThreadsMayRunIt) {
  Counter counter;
  volatile float x = 1;
  counter.run([&] { multiply_often(x, 5); });
  std::thread([&] { counter.run([&] { multiply_often(x, 3); }); }).join();
  EXPECT_EQ(multiplies(counter.totals()), 8);
}

TEST_P(System, Libraries) {
  double result = 0;
  for (int i = 0; i < 3; ++i)
    run(translator, [&] {
      void* const library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
      void* const other = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL);
      const auto cube_root = reinterpret_cast<double (*)(double)>(dlsym(library, "cbrt"));
      result = cube_root(result + 27);
      if (other != nullptr) dlclose(other);
      dlclose(library);
    });
  EXPECT_NEAR(result, 3.111, 0.01);
}

TEST_P(System, VirtualSystemCalls) {
  timespec time{};
  timespec real{};
  run(translator, [&] { clock_gettime(CLOCK_MONOTONIC, &time); });
  clock_gettime(CLOCK_MONOTONIC, &real);
  EXPECT_LE(time.tv_sec, real.tv_sec);
  EXPECT_LE(real.tv_sec, time.tv_sec + 60);
}

TEST_P(System, ThreadLocalVariables) {
  static thread_local int local = 0;
  local = 3;
  const int* address = nullptr;
  run(translator, [&] {
    ++local;
    address = &local;
  });
  EXPECT_EQ(address, &local);
  EXPECT_EQ(local, 4);
}

TEST_P(System, ErrorsOfSystemCalls) {
  int error = 0;
  run(translator, [&] { error = close(-1) == -1 ? errno : 0; });
  EXPECT_EQ(error, EBADF);
}

std::atomic<int> ticks = 0;
void on_tick(int /*signal*/) { ticks = ticks + 1; }

// Handlers run on the guest's stack, between any two instructions, and are not counted.
TEST_P(System, Timers) {
  constexpr int times = 20000;
  volatile float x = 1;
  const auto loop = [&] {
    for (int i = 0; i < 10; ++i) multiply_often(x, times);
  };
  run(translator, loop);
  const Totals quiet = translator.totals();
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = on_tick;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, &before);
  const itimerval every{{0, 500}, {0, 500}};
  const itimerval never{};
  ticks = 0;
  int rounds = 0;
  setitimer(ITIMER_REAL, &every, nullptr);
  while (ticks < 20) {
    translator.reset();
    run(translator, loop);
    EXPECT_TRUE(translator.totals() == quiet);
    ++rounds;
  }
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_EQ(multiplies(quiet), 10 * times);
  EXPECT_GT(rounds, 0);
}

struct Mapping {
  std::string permissions;
  std::string line;
};

std::vector<Mapping> mappings() {
  std::ifstream file("/proc/self/maps");
  std::vector<Mapping> result;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string range;
    Mapping one{"", line};
    words >> range >> one.permissions;
    result.push_back(one);
  }
  return result;
}

bool runs(const Mapping& mapping) { return mapping.permissions[2] == 'x'; }
bool writable(const Mapping& mapping) { return mapping.permissions[1] == 'w'; }

bool is_code_cache(const Mapping& mapping) { return runs(mapping) && writable(mapping); }

// The cache is written while other threads run in it, so it has to be both.
TEST(System, TheCodeCacheIsGoneAfterwards) {
  volatile float x = 1;
  {
    Counter counter;
    counter.run([&] { multiply_often(x, 5); });
    const std::vector<Mapping> maps = mappings();
    EXPECT_TRUE(std::any_of(maps.begin(), maps.end(), is_code_cache));
  }
  for (const Mapping& one : mappings()) EXPECT_FALSE(is_code_cache(one)) << one.line;
}

}  // namespace
}  // namespace flopmeter::executed
