// The slow truth: a trap after every instruction, which a signal handler decodes and adds up.
#pragma once

#include "counters/executed/arithmetic/totals.h"

namespace flopmeter::executed::fuzz {

/// What the call executes, from the function's first instruction to its return. Takes some 20
/// microseconds an instruction. The function must leave the trap flag alone and make no system
/// calls, behind which the processor does not trap.
Totals single_step(void (*function)(void*), void* argument);

}  // namespace flopmeter::executed::fuzz

extern "C" {
// Of enter.S.
void executed_fuzz_step(void (*function)(void*), void* argument);
void executed_fuzz_stepped();
}
