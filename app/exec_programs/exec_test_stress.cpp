// Everything at once that makes counting hard, and how many mulss that was:
// exec_test_stress SECONDS LIBRARY, of which exec_test_pool is a copy
// Threads start and end, a library is loaded and unloaded, code is generated anew, processes fork,
// and a thousand signals a second interrupt all that.
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "app/exec_programs/exec_test_pool.h"

namespace {

std::atomic<std::int64_t> done = 0;
std::atomic<int> errors = 0;
std::atomic<bool> stopped = false;

void multiply(int times) {
  multiply_in_pool(times);
  done += times;
}

void on_signal(int) { multiply(3); }

void make_threads() {
  while (!stopped) {
    std::vector<std::thread> some;
    for (int i = 0; i < 8; ++i) some.emplace_back([] { multiply(100); });
    for (std::thread& thread : some) thread.join();
  }
}

// Its initialiser makes a thread that multiplies.
void load_library(const char* path) {
  while (!stopped) {
    void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    const auto wait = reinterpret_cast<void (*)()>(dlsym(library, "_Z13wait_for_poolv"));
    wait();
    done += pool_multiplies;
    dlclose(library);
  }
}

// mulss xmm0, xmm0, so often, and ret; in memory that is writable now and then, or always.
void generate_code(bool always_writable) {
  constexpr std::size_t bytes = 8192;
  const int protection = PROT_READ | PROT_WRITE | (always_writable ? PROT_EXEC : 0);
  auto* const code = static_cast<std::uint8_t*>(
      mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (int round = 0; !stopped; ++round) {
    const int times = 1 + round % 50;
    std::uint8_t* const start = code + round % 4 * 1024;
    if (!always_writable) mprotect(code, bytes, PROT_READ | PROT_WRITE);
    for (int i = 0; i < times; ++i) std::memcpy(start + 4 * i, "\xf3\x0f\x59\xc0", 4);
    start[4 * times] = 0xc3;
    if (!always_writable) mprotect(code, bytes, PROT_READ | PROT_EXEC);
    for (int i = 0; i < 5; ++i) {
      reinterpret_cast<void (*)()>(start)();
      done += times;
    }
  }
}

void fork_children() {
  while (!stopped) {
    const pid_t child = fork();
    if (child == 0) {
      multiply_in_pool(50);
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0) ++errors;
    done += 50;
    usleep(20000);
  }
}

}  // namespace

int main(int, char** argv) {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  itimerval each{{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &each, nullptr);
  std::vector<std::thread> all;
  all.emplace_back(make_threads);
  all.emplace_back(load_library, argv[2]);
  all.emplace_back(generate_code, false);
  all.emplace_back(generate_code, true);
  all.emplace_back(fork_children);
  std::this_thread::sleep_for(std::chrono::seconds(std::atoi(argv[1])));
  stopped = true;
  for (std::thread& thread : all) thread.join();
  each = {};
  setitimer(ITIMER_REAL, &each, nullptr);
  wait_for_pool();
  done += pool_multiplies;
  std::printf("multiplies %lld\n", static_cast<long long>(done));
  return errors;
}
