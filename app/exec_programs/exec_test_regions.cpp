// Multiplies in regions: exec_test_regions WAY
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "include/flopmeter/region.h"

namespace {

[[gnu::noinline]] void multiply(int times) {
  float x = 1.F;
  for (int i = 0; i < times; ++i) asm volatile("mulss %1, %0" : "+x"(x) : "x"(1.5F));
}

void nested() {
  multiply(1);
  for (int i = 0; i < 3; ++i) {
    const flopmeter::Region outer("outer");
    multiply(10);
    flopmeter_region_begin("inner");
    multiply(100 * (i + 1));
    flopmeter_region_end("inner");
    multiply(1000);
  }
  multiply(10000);
}

void overlapping() {
  flopmeter_region_begin("a");
  multiply(1);
  flopmeter_region_begin("b");
  multiply(10);
  flopmeter_region_end("a");
  multiply(100);
  flopmeter_region_end("b");
}

void within_itself(int depth) {
  const flopmeter::Region region("self");
  multiply(1);
  if (depth > 1) within_itself(depth - 1);
}

void threads_with_marks(int count) {
  std::vector<std::thread> threads;
  for (int i = 1; i <= count; ++i)
    threads.emplace_back([i] {
      multiply(7);
      for (int call = 0; call < 5; ++call) {
        const flopmeter::Region region("each");
        multiply(100 * i);
      }
      multiply(7);
    });
  for (std::thread& thread : threads) thread.join();
}

/// Lets threads do one thing after another.
class Turns {
 public:
  /// Does it when all turns before this one have been taken.
  template <class F>
  void take(int turn, const F& what) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return turn_ == turn; });
    what();
    ++turn_;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int turn_ = 0;
};

// What two threads do before their first marks looks like help: the first one's while one thread
// is in a region and again in another call of it, the second one's while two are.
void late_marks() {
  Turns turns;
  std::thread first([&] {
    turns.take(1, [] { multiply(7000); });
    turns.take(3, [] { multiply(70); });
    turns.take(5, [] {
      flopmeter_region_begin("late");
      multiply(1);
    });
    turns.take(7, [] { flopmeter_region_end("late"); });
  });
  std::thread second([&] {
    turns.take(6, [] { multiply(30000); });
    turns.take(8, [] {
      const flopmeter::Region region("late");
      multiply(2);
    });
  });
  turns.take(0, [] { flopmeter_region_begin("late"); });
  turns.take(2, [] {
    multiply(10);
    flopmeter_region_end("late");
    flopmeter_region_begin("late");
  });
  turns.take(4, [] { multiply(100); });
  turns.take(9, [] { flopmeter_region_end("late"); });
  first.join();
  second.join();
}

// The child starts its own threads with the counters of those that its parent had.
void forked() {
  Turns turns;
  std::thread in_region([&] {
    turns.take(0, [] {
      flopmeter_region_begin("of the parent");
      multiply(1);
    });
    turns.take(2, [] { flopmeter_region_end("of the parent"); });
  });
  turns.take(1, [] {
    const pid_t child = fork();
    if (child == 0) {
      const flopmeter::Region region("of the child");
      multiply(10);
      std::thread([] { multiply(100); }).join();
      std::thread([] { multiply(1000); }).join();
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  });
  in_region.join();
}

// The thread that is there before the region and the one that begins within it are helpers.
void helpers() {
  std::thread before([] { multiply(5); });
  before.join();
  const flopmeter::Region region("helped");
  multiply(10);
  std::thread([] { multiply(100); }).join();
  std::thread([] { multiply(1000); }).join();
}

void faulty() {
  flopmeter_region_end("never");
  flopmeter_region_begin("unended");
  multiply(10);
  std::thread([] {
    flopmeter_region_begin("unended");
    multiply(100);
  }).join();
}

void many() {
  for (int i = 0; i < 600; ++i) {
    const std::string name = "region " + std::to_string(i) + std::string(200, 'x');
    const flopmeter::Region region(name.c_str());
    multiply(1);
  }
}

}  // namespace

int main(int, char** argv) {
  const std::string way = argv[1];
  if (way == "nested") nested();
  if (way == "overlapping") overlapping();
  if (way == "self") within_itself(3);
  if (way == "threads") threads_with_marks(4);
  if (way == "late") late_marks();
  if (way == "forked") forked();
  if (way == "helpers") helpers();
  if (way == "faulty") faulty();
  if (way == "many") many();
  if (way == "killed") {
    flopmeter_region_begin("killed");
    multiply(1000);
    flopmeter_region_end("killed");
    std::raise(SIGKILL);
  }
}
