// Takes over a program before anything of it has run.
//
// This library is initialised before all others (-z initfirst). From then on everything that the
// thread does is translated: the rest of the dynamic linker, the initialisers of all libraries,
// main, what follows it, and every thread that is made meanwhile.
#include <sys/syscall.h>
#include <unistd.h>

#include "counters/preload/environment.h"
#include "counters/preload/process.h"

namespace flopmeter::executed {
namespace {

[[gnu::constructor]] void load(int, char**, char** environment) {
  const bool counts = process.load(environment);
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
