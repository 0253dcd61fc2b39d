#include "counters/preload/fatal_signals.h"

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace flopmeter::executed {
namespace {

using SetAction = int (*)(int, const struct sigaction*, struct sigaction*);
using SetHandler = sighandler_t (*)(int, sighandler_t);

void (*tell)() = nullptr;  // set: signals are watched

// Those that cannot be handled, or whose default is to stop, to go on or nothing.
constexpr std::array not_fatal{SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, SIGTSTP,
                               SIGTTIN, SIGTTOU, SIGURG,  SIGWINCH};

bool is_fatal(int signal) { return std::ranges::count(not_fatal, signal) == 0; }

int real_action(int signal, const struct sigaction* action, struct sigaction* before) {
  static const auto real = reinterpret_cast<SetAction>(dlsym(RTLD_NEXT, "sigaction"));
  return real(signal, action, before);
}

struct sigaction default_action() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  return action;
}

// The signal, which is blocked as long as this runs, comes again when this returns.
void die(int signal, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  tell();
  const struct sigaction action = default_action();
  real_action(signal, &action, nullptr);
  const auto own_process = syscall(SYS_getpid);
  const auto own_thread = syscall(SYS_gettid);
  if (syscall(SYS_rt_tgsigqueueinfo, own_process, own_thread, signal, info) != 0)
    syscall(SYS_tgkill, own_process, own_thread, signal);
  errno = error;
}

// On the alternate stack: the thread's own may be what is used up.
struct sigaction death() {
  struct sigaction action {};
  action.sa_sigaction = die;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  return action;
}

bool is_death(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == die;
}

}  // namespace

void watch_fatal_signals(void (*before_death)()) {
  tell = before_death;
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction found {};
    const bool known = is_fatal(signal) && real_action(signal, nullptr, &found) == 0;
    if (known && found.sa_handler == SIG_DFL) set_action(signal, &found, nullptr);
  }
}

int set_action(int signal, const struct sigaction* action, struct sigaction* before) {
  const bool fatal =
      tell != nullptr && action != nullptr && action->sa_handler == SIG_DFL && is_fatal(signal);
  const struct sigaction ours = death();
  const int result = real_action(signal, fatal ? &ours : action, before);
  if (result == 0 && before != nullptr && is_death(*before)) *before = default_action();
  return result;
}

sighandler_t set_handler(int signal, sighandler_t handler) {
  static const auto real = reinterpret_cast<SetHandler>(dlsym(RTLD_NEXT, "signal"));
  struct sigaction found {};
  const bool ours = real_action(signal, nullptr, &found) == 0 && is_death(found);
  const sighandler_t before = real(signal, handler);
  if (before == SIG_ERR) return before;
  const struct sigaction action = default_action();
  if (handler == SIG_DFL) set_action(signal, &action, nullptr);
  return ours ? SIG_DFL : before;
}

}  // namespace flopmeter::executed
