// Multiplies in the ways of programs that make threads, rewrite code or give up rights:
// exec_test_process MULTIPLIES WAY [NUMBER]
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "app/exec_programs/exec_test_pool.h"

namespace {

int multiplies = 0;
int number = 0;

void multiply() { multiply_in_pool(multiplies); }

// int f() { return value; }
void write_function(std::uint8_t* at, std::uint8_t value) {
  const std::uint8_t code[] = {0xb8, value, 0, 0, 0, 0xc3};
  std::memcpy(at, code, sizeof code);
}

int call(const std::uint8_t* at) {
  int (*function)() = nullptr;
  std::memcpy(&function, &at, sizeof function);
  return function();
}

std::uint8_t* pages(int protection, int flags, int file) {
  return static_cast<std::uint8_t*>(mmap(nullptr, 1U << 16, protection, flags, file, 0));
}

void rewrite(std::uint8_t* writable, const std::uint8_t* code) {
  int wrong = 0;
  for (int round = 0; round < 100; ++round) {
    const auto value = static_cast<std::uint8_t>(round);
    write_function(writable + round % 3 * 5000, value);
    for (int i = 0; i < 3; ++i) wrong += call(code + round % 3 * 5000) != value;
  }
  std::printf("wrong: %d\n", wrong);
}

// In memory that is both writable and executable.
void in_place() {
  auto* const code = pages(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  rewrite(code, code);
}

void mapped_twice() {
  const int file = memfd_create("code", 0);
  if (ftruncate(file, 1U << 16) != 0) return;
  auto* const writable = pages(PROT_READ | PROT_WRITE, MAP_SHARED, file);
  rewrite(writable, pages(PROT_READ | PROT_EXEC, number == 0 ? MAP_SHARED : MAP_PRIVATE, file));
}

// In a file with a name, of which the executable pages are private.
void mapped_twice_from_a_file() {
  char name[] = "/tmp/flopmeter_code_XXXXXX";
  const int file = mkstemp(name);
  if (ftruncate(file, 1U << 16) != 0) return;
  auto* const writable = pages(PROT_READ | PROT_WRITE, MAP_SHARED, file);
  rewrite(writable, pages(PROT_READ | PROT_EXEC, MAP_PRIVATE, file));
  unlink(name);
}

// Code that is not writable as memory is, as a file.
void memory_as_a_file() {
  auto* const code = pages(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  const int memory = open("/proc/self/mem", O_RDWR);
  int wrong = 0;
  for (int round = 0; round < 50; ++round) {
    std::uint8_t function[6];
    write_function(function, static_cast<std::uint8_t>(round));
    const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(code));
    if (round % 2 == 0) {
      wrong += pwrite(memory, function, sizeof function, at) != sizeof function;
    } else {
      lseek(memory, at, SEEK_SET);
      wrong += write(memory, function, sizeof function) != sizeof function;
    }
    wrong += call(code) != round;
  }
  std::printf("wrong: %d\n", wrong);
}

void moved() {
  constexpr std::size_t bytes = 1U << 16;
  int wrong = 0;
  auto* const place = pages(PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  for (std::uint8_t value = 1; value < 20; ++value) {
    auto* const fresh = pages(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    write_function(fresh, value);
    mprotect(fresh, bytes, PROT_READ | PROT_EXEC);
    wrong += call(fresh) != value;
    mremap(fresh, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place);
    wrong += call(place) != value;
  }
  std::printf("wrong: %d\n", wrong);
}

void* in_thread(void* barrier) {
  pthread_barrier_wait(static_cast<pthread_barrier_t*>(barrier));
  multiply();
  pthread_barrier_wait(static_cast<pthread_barrier_t*>(barrier));
  return nullptr;
}

// All at once, with the smallest stacks.
void threads() {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, static_cast<unsigned>(number));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 16384);
  std::vector<pthread_t> list(static_cast<std::size_t>(number));
  for (pthread_t& thread : list) {
    if (pthread_create(&thread, &attributes, in_thread, &barrier) != 0) std::abort();
  }
  for (const pthread_t thread : list) pthread_join(thread, nullptr);
}

void one_after_another() {
  for (int i = 0; i < number; ++i) std::thread(multiply).join();
}

// Without the C library: its child is on its way with nothing but a stack.
void raw_clone() {
  static char stack[1U << 16];
  static volatile int done = 0;
  constexpr long flags = 0x10f00 | 0x40000;  // a thread: VM, FS, FILES, SIGHAND, THREAD, SYSVSEM
  auto* const top = reinterpret_cast<void**>(stack + sizeof stack - 64);
  *top = reinterpret_cast<void*>(+[] {
    multiply();
    done = 1;
    syscall(SYS_exit, 0);
  });
  long result = SYS_clone;
  register long r10 asm("r10") = 0;
  register long r8 asm("r8") = 0;
  asm volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\tpop %%rax\n\tcall *%%rax\n1:"
               : "+a"(result)
               : "D"(flags), "S"(top), "d"(0L), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory", "cc");
  while (done == 0) usleep(1000);
}

// Programs find out by a bad address whether the kernel knows the call.
void probe() {
  const bool fails = syscall(SYS_clone3, nullptr, 88) < 0;
  std::printf("%d %d\n", fails, errno);
}

void handlers() {
  static volatile int count = 0;
  std::signal(SIGUSR1, [](int) {
    multiply();
    count = count + 1;
  });
  for (int i = 0; i < number; ++i) std::raise(SIGUSR1);
  std::printf("%d\n", count);
}

void own_rights() {
  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) std::abort();
}

void own_root() {
  if (geteuid() == 0 && (chroot("/var/empty") != 0 && chroot("/var/tmp") != 0)) std::abort();
}

void closed() {
  for (int file = 3; file < 1024; ++file) close(file);
  const rlimit none{3, 3};
  setrlimit(RLIMIT_NOFILE, &none);
}

void fork_children() {
  for (int i = 0; i < number; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      multiply();
      std::thread(multiply).join();
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
}

void killed() {
  multiply();
  wait_for_pool();
  raise(SIGKILL);
}

// Where sequences are registered, the kernel restarts one that it has interrupted; who finds none
// registered must do without.
void restartable() {
  const auto* const area = reinterpret_cast<const struct rseq*>(
      static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset);
  const bool registered = static_cast<std::int32_t>(area->cpu_id) >= 0;
  std::printf("size %u, registered %d\n", __rseq_size, registered);
}

const std::map<std::string, void (*)()> ways{{"in_place", in_place},
                                             {"mapped_twice", mapped_twice},
                                             {"mapped_twice_from_a_file", mapped_twice_from_a_file},
                                             {"memory_as_a_file", memory_as_a_file},
                                             {"moved", moved},
                                             {"threads", threads},
                                             {"one_after_another", one_after_another},
                                             {"raw_clone", raw_clone},
                                             {"probe", probe},
                                             {"handlers", handlers},
                                             {"own_rights", own_rights},
                                             {"own_root", own_root},
                                             {"closed", closed},
                                             {"fork", fork_children},
                                             {"killed", killed},
                                             {"restartable", restartable}};

}  // namespace

int main(int count, char** argv) {
  multiplies = std::atoi(argv[1]);
  number = count > 3 ? std::atoi(argv[3]) : 0;
  ways.at(argv[2])();
  multiply();
  wait_for_pool();
  return 0;
}
