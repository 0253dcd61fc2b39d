// Code that one thread replaces while another has it translated.
#include "counters/executed/translator/registry.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "counters/executed/counter.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

constexpr std::size_t guest_page = 4096;

// int f() { return value; } at that address, in new pages.
void* map_function(void* wanted, std::uint8_t value) {
  const std::uint8_t code[] = {0xb8, value, 0, 0, 0, 0xc3};
  const int fixed = wanted == nullptr ? 0 : MAP_FIXED;
  void* const at =
      mmap(wanted, guest_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | fixed, -1, 0);
  std::memcpy(at, code, sizeof code);
  mprotect(at, guest_page, PROT_READ | PROT_EXEC);
  return at;
}

void wait_for(const std::atomic<int>& step, int value) {
  while (step != value) std::this_thread::yield();
}

TEST(Registry, AThreadForgetsWhatAnotherHasReplaced) {
  if (!has_xsave()) GTEST_SKIP();
  std::atomic<int> step = 0;
  void* const function = map_function(nullptr, 1);
  const auto call = [function] { return reinterpret_cast<int (*)()>(function)(); };
  int before = 0;
  int after = 0;
  std::thread user([&] {
    Counter counter;
    counter.run([&] {
      before = call() + call();
      step = 1;
      wait_for(step, 2);
      after = call();
    });
  });
  wait_for(step, 1);
  Counter counter;
  counter.run([&] {
    munmap(function, guest_page);
    map_function(function, 7);
  });
  step = 2;
  user.join();
  munmap(function, guest_page);
  EXPECT_EQ(before, 2);
  EXPECT_EQ(after, 7);
}

}  // namespace
}  // namespace flopmeter::executed
