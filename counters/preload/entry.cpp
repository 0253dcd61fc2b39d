// What a program finds in the place of the C library's functions when this library is preloaded.
//
// Everything from the C library's call of main to the end of the process runs translated, and so
// does the function of every thread. Functions of this file that the program calls run translated,
// too: they are short, and leave the work to the dispatcher's hook or to a new thread.
#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "counters/preload/environment.h"
#include "counters/preload/fatal_signals.h"
#include "counters/preload/process.h"
#include "counters/preload/regions.h"
#include "counters/preload/threads.h"

#define FLOPMETER_EXPORT extern "C" __attribute__((visibility("default")))

namespace flopmeter::executed {
namespace {

Process process;
Regions regions;
thread_local Counted* this_thread = nullptr;  // set where it is counted
Inheritance counter;
pthread_key_t key;  // of this thread's translator: its destructor runs when the thread ends

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

enum class Mark : std::uint64_t { begin, end };

void mark_region(std::uint64_t* registers) {
  const auto* const name = reinterpret_cast<const char*>(registers[rsi]);
  if (static_cast<Mark>(registers[rdi]) == Mark::begin)
    regions.begin(*this_thread, name);
  else
    regions.end(*this_thread, name);
  registers[rax] = 0;
}

void before_end(std::uint64_t* registers) {
  const std::uint64_t call = registers[rax];
  if (call == mark_call) return mark_region(registers);
  regions.process_ends();
  const bool replaced = call == SYS_execve || call == SYS_execveat;
  process.write(replaced ? End::replaced : End::counted);
  if (!replaced || !process.counts()) return;
  constexpr int r10 = 10;
  std::uint64_t& environment = registers[call == SYS_execve ? static_cast<int>(rdx) : r10];
  environment =
      reinterpret_cast<std::uint64_t>(counter.put_into(reinterpret_cast<char**>(environment)));
}

// The end comes without the dispatcher: in a signal handler, say.
void at_end() {
  if (executed_is_guest() || !process.counts()) return;
  regions.process_ends();
  process.write(End::uncounted);
}

void before_death() {
  if (!process.counts()) return;
  regions.process_ends();
  process.write(End::killed);
}

// nullptr: there is no memory; the thread runs uncounted.
Counted* count_this_thread() {
  Counted* const counted = acquire();
  ++(counted != nullptr ? process.threads : process.threads_without_counter);
  if (counted == nullptr) return nullptr;
  counted->translator.on_exit(before_end);
  this_thread = counted;
  regions.thread_started(*counted);
  return counted;
}

void thread_ended(void* ended) {
  auto& counted = *static_cast<Counted*>(ended);
  regions.thread_ended(counted);
  release(counted);
}

// Given to pthread_exit. Its jump to the end of the thread is made by returning from its function,
// which would replace the result; a thread that is cancelled jumps there as well.
thread_local void* exit_result = PTHREAD_CANCELED;

template <class Result>
Result result_at_exit() {
  return static_cast<Result>(reinterpret_cast<std::intptr_t>(exit_result));
}
template <>
void* result_at_exit() {
  return exit_result;
}

// No frame below the guest may have anything to clean up: pthread_exit unwinds them all,
// translated.
template <class Result>
struct ThreadStart {
  Result (*function)(void*);
  void* argument;
  Result result;

  static Result run(void* heap) {
    ThreadStart self = *static_cast<ThreadStart*>(heap);
    std::free(heap);
    Counted* const counted = count_this_thread();
    if (counted == nullptr) return self.function(self.argument);
    pthread_setspecific(key, counted);
    const Ending ending = counted->translator.run(&ThreadStart::call, &self);
    return ending.left ? result_at_exit<Result>() : self.result;
  }

  static void call(void* argument) {
    auto& self = *static_cast<ThreadStart*>(argument);
    self.result = self.function(self.argument);
  }
};

/// create(start function, its argument) makes the thread and returns 0.
template <class Result, class Create>
int create_thread(Result (*function)(void*), void* argument, Create create) {
  using Start = ThreadStart<Result>;
  auto* const start = process.counts() ? static_cast<Start*>(std::malloc(sizeof(Start))) : nullptr;
  if (start == nullptr) return create(function, argument);
  *start = {function, argument, {}};
  const int result = create(&Start::run, start);
  if (result != 0) std::free(start);
  return result;
}

using Main = int (*)(int, char**, char**);
using StartMain = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);

struct ProgramStart {
  StartMain start;
  Main main;
  int argc;
  char** argv;
  void (*init)();
  void (*fini)();
  void (*linker_fini)();
  void* stack_end;
  int result;

  void call() { result = start(main, argc, argv, init, fini, linker_fini, stack_end); }
};

int run_program(ProgramStart& program) {
  process.start();
  Counted* const counted = has_xsave() && process.counts() ? count_this_thread() : nullptr;
  if (counted == nullptr) {
    process.unavailable();
    program.call();
    return program.result;
  }
  watch_fatal_signals(before_death);
  counted->translator.run([](void* self) { static_cast<ProgramStart*>(self)->call(); }, &program);
  return program.result;
}

[[gnu::constructor]] void load(int, char**, char** environment) {
  pthread_key_create(&key, thread_ended);
  counter.load(environment);
  process.load(counter.folder());
  if (process.path()[0] != 0) regions.load(process.path());
  if (!counter.by_children()) remove_counter(environment);
}

[[gnu::destructor]] void unload() { at_end(); }

}  // namespace
}  // namespace flopmeter::executed

// The names are those of the C library.
// NOLINTBEGIN(readability-identifier-naming,readability-inconsistent-declaration-parameter-name)
FLOPMETER_EXPORT int __libc_start_main(flopmeter::executed::Main main, int argc, char** argv,
                                       void (*init)(), void (*fini)(), void (*linker_fini)(),
                                       void* stack_end) {
  using flopmeter::executed::StartMain;
  const auto real = flopmeter::executed::next<StartMain>("__libc_start_main");
  flopmeter::executed::ProgramStart program{real, main,        argc,      argv, init,
                                            fini, linker_fini, stack_end, 0};
  return flopmeter::executed::run_program(program);
}

FLOPMETER_EXPORT int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                                    void* (*function)(void*), void* argument) {
  using Create = decltype(&pthread_create);
  const auto real = flopmeter::executed::next<Create>("pthread_create");
  return flopmeter::executed::create_thread(function, argument, [&](auto* start, void* data) {
    return real(thread, attributes, start, data);
  });
}

FLOPMETER_EXPORT int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  using Create = decltype(&thrd_create);
  const auto real = flopmeter::executed::next<Create>("thrd_create");
  return flopmeter::executed::create_thread(
      function, argument, [&](auto* start, void* data) { return real(thread, start, data); });
}

FLOPMETER_EXPORT void pthread_exit(void* result) {
  flopmeter::executed::exit_result = result;
  flopmeter::executed::next<void (*)(void*)>("pthread_exit")(result);
  __builtin_unreachable();
}

FLOPMETER_EXPORT void thrd_exit(int result) {
  pthread_exit(reinterpret_cast<void*>(static_cast<std::intptr_t>(result)));
}

FLOPMETER_EXPORT int sigaction(int signal, const struct sigaction* action,
                               struct sigaction* before) {
  return flopmeter::executed::set_action(signal, action, before);
}

FLOPMETER_EXPORT sighandler_t signal(int signal, sighandler_t handler) {
  return flopmeter::executed::set_handler(signal, handler);
}

// Of flopmeter/region.h: translated, as the caller is, or nothing.
FLOPMETER_EXPORT void flopmeter_counted_region_begin(const char* name) {
  if (executed_is_guest()) {
    syscall(flopmeter::executed::mark_call, flopmeter::executed::Mark::begin, name);
  }
}

FLOPMETER_EXPORT void flopmeter_counted_region_end(const char* name) {
  if (executed_is_guest()) {
    syscall(flopmeter::executed::mark_call, flopmeter::executed::Mark::end, name);
  }
}

FLOPMETER_EXPORT void _exit(int status) {
  flopmeter::executed::at_end();
  for (;;) syscall(SYS_exit_group, status);
}

FLOPMETER_EXPORT void _Exit(int status) { _exit(status); }
// NOLINTEND(readability-identifier-naming,readability-inconsistent-declaration-parameter-name)
