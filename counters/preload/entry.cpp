// Takes over a program before anything of it has run.
//
// This library is initialised before all others (-z initfirst). From then on everything that the
// thread does is translated: the rest of the dynamic linker, the initialisers of all libraries,
// main, what follows it, and every thread that is made meanwhile.
#include <sys/syscall.h>
#include <unistd.h>

#include "counters/preload/environment.h"
#include "counters/preload/process.h"
#include "counters/preload/uncountable.h"

namespace flopmeter::executed {
namespace {

// The dynamic linker has loaded this library already, which is too much for some.
void run_without_the_counter(char** arguments, char** environment) {
  SharedProcess& record = process.record();
  record.stage = Stage::uncountable;
  remove_counter(environment);
  execve(record.program, arguments, environment);
}

[[gnu::constructor]] void load(int, char** arguments, char** environment) {
  const bool counts = process.load(environment);
  if (counts && is_uncountable()) return run_without_the_counter(arguments, environment);
  if (!process.inheritance().by_children()) remove_counter(environment);
  if (counts) process.take_over();
}

}  // namespace
}  // namespace flopmeter::executed

#define FLOPMETER_EXPORT extern "C" __attribute__((visibility("default")))

// Of flopmeter/region.h: translated, as the caller is, or nothing.
FLOPMETER_EXPORT void flopmeter_counted_region_begin(const char* name) {
  if (executed_is_guest())
    syscall(flopmeter::executed::mark_call, flopmeter::executed::Mark::begin, name);
}

FLOPMETER_EXPORT void flopmeter_counted_region_end(const char* name) {
  if (executed_is_guest())
    syscall(flopmeter::executed::mark_call, flopmeter::executed::Mark::end, name);
}

// A counter within the program asks: it cannot work as well.
FLOPMETER_EXPORT bool flopmeter_thread_is_counted() { return executed_is_guest(); }
