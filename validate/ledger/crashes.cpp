#include "validate/ledger/crashes.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>

namespace flopmeter::crashes {
namespace {

constexpr std::array fatal_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

using Name = std::array<char, 512>;

/// What a dying child leaves behind: the case of the thread that died. In shared memory.
struct Post {
  Name died_in;
};

thread_local Name current{};

std::map<std::string, std::string, std::less<>>& known() {
  static std::map<std::string, std::string, std::less<>> reasons;
  return reasons;
}

Post& post() {
  static void* const shared =
      mmap(nullptr, sizeof(Post), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  static Post own{};
  return shared == MAP_FAILED ? own : *static_cast<Post*>(shared);
}

/// Ends this process by the signal.
[[noreturn]] void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  raise(signal);
  _exit(128 + signal);  // it was blocked
}

/// Called in the thread that is at fault. Only what a signal handler may do.
void on_fatal_signal(int signal) {
  post().died_in = current;
  std::signal(signal, SIG_DFL);
  raise(signal);  // once this returns
}

void watch_signals() {
  for (const int signal : fatal_signals) {
    std::signal(signal, on_fatal_signal);
  }
}

/// A child that does not outlive its parent. 0 in it.
pid_t fork_child() {
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  return child;
}

int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// The process that called `in_children`; 0 outside.
pid_t supervisor = 0;

/// The supervisor is the parent of every child whose own has ended. It waits for the last of them.
int supervise() {
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    if (ended < 0 && errno != EINTR) {
      die_of(SIGKILL);  // the last one was killed from outside
    }
    if (ended > 0 && WIFEXITED(status)) {
      return WEXITSTATUS(status);
    }
    if (ended > 0 && WTERMSIG(status) != SIGKILL) {  // that is how `move_line` ends a parent
      die_of(WTERMSIG(status));
    }
  }
}

/// The process of the line before is not needed any more.
void move_line() {
  const pid_t parent = getppid();
  if (parent == supervisor) {
    return;
  }
  prctl(PR_SET_PDEATHSIG, 0);
  kill(parent, SIGKILL);
  while (getppid() == parent) {
    sched_yield();
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

std::string signal_text(int signal) {
  const char* const name = sigabbrev_np(signal);
  return fmt::format("SIG{} ({})", name == nullptr ? "?" : name, strsignal(signal));
}

}  // namespace

int in_children(const std::function<int()>& work) {
  std::fflush(nullptr);
  post();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t self = getpid();
  const pid_t child = fork_child();
  if (child > 0) {
    const int code = supervise();
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    return code;
  }
  if (child < 0) {
    return work();  // a crash is one then
  }
  supervisor = self;
  const int code = work();
  std::fflush(nullptr);
  _exit(code);
}

void come_back_here() {
  if (supervisor == 0) {
    return;
  }
  std::fflush(nullptr);
  move_line();
  while (true) {
    post().died_in = {};
    const pid_t child = fork_child();
    if (child <= 0) {
      watch_signals();
      return;
    }
    const int status = status_of(child);
    if (WIFEXITED(status)) {
      _exit(WEXITSTATUS(status));
    }
    const std::string died_in(post().died_in.data());
    if (died_in.empty()) {
      die_of(WTERMSIG(status));
    }
    known()[died_in] = signal_text(WTERMSIG(status));
  }
}

Running::Running(std::string_view name) { name.copy(current.data(), current.size() - 1); }

Running::~Running() { current = {}; }

std::string crash_of(std::string_view name) {
  const auto found = known().find(name.substr(0, Name().size() - 1));
  return found == known().end() ? "" : found->second;
}

}  // namespace flopmeter::crashes
