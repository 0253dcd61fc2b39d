// Handlers of signals run as guests: in their place the kernel knows a function that enters them.
#pragma once

#include <atomic>
#include <cstdint>

#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {

/// Makes rt_sigaction with these registers. Its result. A program sees the handlers that it set.
long set_signal_action(const std::uint64_t* registers, bool apart);

/// How often a handler ran uncounted is told to `uncounted`, how often it met a block of code that could not be divided
/// to `whole`.
void count_handlers(std::atomic<std::int64_t>& uncounted, std::atomic<std::int64_t>& whole);

}  // namespace flopmeter::executed

extern "C" {
// Of signals.S.
void executed_signal_entry();
void executed_signal_returned();
}
