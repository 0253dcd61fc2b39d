// Multiplies and comes to an end, in each of the ways there are: exec_test_ends MULTIPLIES WAY
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

volatile float result = 1.F;

[[gnu::noinline]] void multiply(int times) {
  float x = result;
  for (int i = 0; i < times; ++i) asm volatile("mulss %1, %0" : "+x"(x) : "x"(1.5F));
  result = x;
}

int multiplies = 0;

void* in_a_thread(void*) {
  multiply(multiplies);
  pthread_exit(&multiplies);
}

void* until_cancelled(void*) {
  for (;;) pause();
}

void leave_by_signal() {
  std::signal(SIGUSR1, [](int) { _exit(3); });
  std::raise(SIGUSR1);
}

void leave_handler_by_jump() {
  static sigjmp_buf back;
  std::signal(SIGUSR1, [](int) { siglongjmp(back, 1); });
  if (sigsetjmp(back, 1) == 0) std::raise(SIGUSR1);
  std::exit(3);
}

volatile bool forever = true;

[[gnu::noinline]] int use_up_stack(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return forever ? use_up_stack(depth + 1) + frame[0] : 0;
}

volatile int* volatile nowhere = nullptr;

void fault() { *nowhere = 1; }

// As crash reporters do.
void fault_with_handler() {
  std::signal(SIGSEGV, [](int number) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  });
  fault();
}

// What was set before is seen, and what the kernel has is not.
void print_actions() {
  struct sigaction found {};
  for (const int number : {SIGSEGV, SIGTERM, SIGPIPE, SIGCHLD}) {
    sigaction(number, nullptr, &found);
    std::printf("%d %d\n", number, found.sa_handler == SIG_DFL);
  }
  std::printf("%d\n", std::signal(SIGTERM, SIG_IGN) == SIG_DFL);
  std::printf("%d\n", std::signal(SIGTERM, SIG_DFL) == SIG_IGN);
  std::printf("%d\n", std::signal(SIGTERM, SIG_DFL) == SIG_DFL);
}

void make_threads() {
  std::thread joined([] { multiply(multiplies); });
  joined.join();
  pthread_t other{};
  void* of_exit = nullptr;
  pthread_create(&other, nullptr, in_a_thread, nullptr);
  pthread_join(other, &of_exit);
  void* of_cancel = nullptr;
  pthread_create(&other, nullptr, until_cancelled, nullptr);
  pthread_cancel(other);
  pthread_join(other, &of_cancel);
  std::printf("%d %d\n", of_exit == &multiplies, of_cancel == PTHREAD_CANCELED);
}

void exit_elsewhere() {
  std::thread([] {
    multiply(multiplies);
    std::exit(3);
  }).join();
}

// A child that does not run a program.
void fork_child() {
  const pid_t child = fork();
  if (child == 0) {
    multiply(multiplies);
    std::exit(0);
  }
  waitpid(child, nullptr, 0);
}

void run_again(const char* self, bool in_place) {
  const std::string times = std::to_string(multiplies);
  const pid_t child = in_place ? 0 : vfork();
  if (child == 0) {
    execl(self, self, times.c_str(), "return", nullptr);
    _exit(9);
  }
  waitpid(child, nullptr, 0);
}

void print_environment() {
  const char* const preload = std::getenv("LD_PRELOAD");
  std::printf("%s\n", preload == nullptr ? "none" : preload);
}

}  // namespace

int main(int, char** argv) {
  multiplies = std::atoi(argv[1]);
  const std::string way = argv[2];
  std::puts("out");
  std::fputs("err\n", stderr);
  std::fflush(stdout);
  multiply(multiplies);
  if (way == "exit") std::exit(3);
  if (way == "_exit") _exit(3);
  if (way == "quick_exit") std::quick_exit(3);
  if (way == "abort") std::abort();
  if (way == "signal") leave_by_signal();
  if (way == "fault") fault();
  if (way == "fault_in_thread") std::thread([] { multiply(multiplies), fault(); }).join();
  if (way == "fault_with_handler") fault_with_handler();
  if (way == "overflow") use_up_stack(0);
  if (way == "actions") print_actions();
  if (way.starts_with("raise ")) std::raise(std::atoi(way.c_str() + std::strlen("raise ")));
  if (way == "jump") leave_handler_by_jump();
  if (way == "threads") make_threads();
  if (way == "elsewhere") exit_elsewhere();
  if (way == "fork") fork_child();
  if (way == "spawn") run_again(argv[0], false);
  if (way == "replace") run_again(argv[0], true);
  if (way == "throw") throw 1;
  if (way == "environment") print_environment();
  if (way == "pthread_exit") {
    std::thread([] {
      usleep(10000);
      multiply(multiplies);
    }).detach();
    pthread_exit(nullptr);
  }
  return 3;
}
