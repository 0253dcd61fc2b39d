#include "app/exec_signals.h"

#include <cerrno>

namespace flopmeter {
namespace {

volatile pid_t receiver = 0;

// A key, a hang-up or a new size of the terminal: the kernel tells the whole foreground group.
bool is_from_terminal(int signal, const siginfo_t& info) {
  const bool of_terminal =
      signal == SIGINT || signal == SIGQUIT || signal == SIGHUP || signal == SIGWINCH;
  return of_terminal && info.si_code > 0;
}

void hand_on(int signal, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  if (receiver > 0 && !is_from_terminal(signal, *info)) {
    kill(receiver, signal);
  }
  errno = error;
}

struct sigaction handing_on() {
  struct sigaction action {};
  action.sa_sigaction = hand_on;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  return action;
}

// Faults are of this process itself, and stopping is for the shell to see. A timer that was set
// before this program took the place of another is the program's, too.
std::vector<int> signals_to_hand_on() {
  std::vector<int> signals{SIGINT,  SIGQUIT,   SIGTERM, SIGHUP,   SIGUSR1, SIGUSR2,  SIGALRM,
                           SIGPROF, SIGVTALRM, SIGIO,   SIGWINCH, SIGPWR,  SIGSTKFLT};
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    signals.push_back(signal);
  }
  return signals;
}

}  // namespace

SignalsForTheProgram::SignalsForTheProgram() {
  sigemptyset(&handled_);
  for (const int signal : signals_to_hand_on()) {
    sigaddset(&handled_, signal);
  }
  sigprocmask(SIG_BLOCK, &handled_, &mask_before_);
  const struct sigaction action = handing_on();
  for (const int signal : signals_to_hand_on()) {
    sigaction(signal, &action, &before_.emplace_back(Before{signal, {}}).action);
  }
  // Where it is ignored, the kernel forgets how a child has ended.
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &by_default, &before_.emplace_back(Before{SIGCHLD, {}}).action);
}

SignalsForTheProgram::~SignalsForTheProgram() { restore(); }

void SignalsForTheProgram::hand_on_to(pid_t program) {
  receiver = program;
  sigprocmask(SIG_UNBLOCK, &handled_, nullptr);
}

void SignalsForTheProgram::stop() {
  sigprocmask(SIG_BLOCK, &handled_, nullptr);
  receiver = 0;
}

void SignalsForTheProgram::restore() const {
  for (const Before& before : before_) {
    sigaction(before.signal, &before.action, nullptr);
  }
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace flopmeter
