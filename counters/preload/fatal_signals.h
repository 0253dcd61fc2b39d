// Signals that end the process by their default action: what it has done is told first.
#pragma once

#include <csignal>

namespace flopmeter::executed {

/// Wherever such a signal has its default action, a handler comes into its place: it calls
/// `before_death` and then lets the signal end the process as it would have done. SIGKILL cannot be
/// handled; a fault while its signal is blocked is not.
void watch_fatal_signals(void (*before_death)());

/// The C library's sigaction and signal, for the program: they neither show that handler nor
/// replace it by the default action. Any thread, and signal handlers.
int set_action(int signal, const struct sigaction* action, struct sigaction* before);
sighandler_t set_handler(int signal, sighandler_t handler);

}  // namespace flopmeter::executed
