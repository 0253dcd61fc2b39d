#include "app/exec_run.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "app/exec_signals.h"
#include "counters/preload/environment.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr auto library_name = "libflopmeter_exec.so";

void preload(const std::string& library, const std::string& file, bool children) {
  const char* const before = std::getenv("LD_PRELOAD");
  const bool others = before != nullptr && *before != 0;
  const std::string libraries = others ? library + ":" + before : library;
  const std::string records = (children ? std::string(1, executed::children_prefix) : "") + file;
  const auto name = [](std::string_view with_equals) {
    return std::string(with_equals.substr(0, with_equals.size() - 1));
  };
  const std::string sanitizer = name(executed::sanitizer_variable);
  const char* const options = std::getenv(sanitizer.c_str());
  const std::string more = options == nullptr ? "" : std::string(options) + ":";
  setenv(sanitizer.c_str(), (more + executed::sanitizer_option).c_str(), 1);
  setenv(name(executed::preload_variable).c_str(), libraries.c_str(), 1);
  setenv(name(executed::record_variable).c_str(), records.c_str(), 1);
}

/// As execve wants it, which does not write through it.
std::vector<char*> list_of(const std::vector<std::string>& arguments) {
  std::vector<char*> list;
  for (const std::string& argument : arguments) {
    list.push_back(
        const_cast<char*>(argument.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
  list.push_back(nullptr);
  return list;
}

/// The number of its process, and why it did not become the program. Until it does it has this memory and this
/// process waits: a copy of all page tables takes longer than /bin/true does.
std::pair<pid_t, int> start(const std::string& file, const std::vector<std::string>& arguments,
                            const SignalsForTheProgram& signals) {
  const std::vector<char*> list = list_of(arguments);
  volatile int error = 0;
  const pid_t program = vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  if (program == 0) {
    signals.restore();
    execvp(file.c_str(), list.data());
    error = errno;
    _exit(2);
  }
  if (program < 0) {
    throw std::runtime_error(
        fmt::format("cannot make a process for '{}': {}", file, strerror(errno)));
  }
  return {program, error};
}

/// Leaves the process as it has ended, so that its number is still its own.
void wait_until_it_ends(pid_t process) {
  siginfo_t how{};
  while (waitid(P_PID, static_cast<id_t>(process), &how, WEXITED | WNOWAIT) < 0) {
    if (errno != EINTR) {
      throw std::runtime_error(fmt::format("cannot wait for the program: {}", strerror(errno)));
    }
  }
}

/// As of waitpid, of a process that has ended.
int reap(pid_t process) {
  int status = 0;
  if (waitpid(process, &status, 0) != process) {
    throw std::runtime_error(fmt::format("cannot tell how the program ended: {}", strerror(errno)));
  }
  return status;
}

}  // namespace

std::string counter_library() {
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (const auto& folder : {here, here.parent_path() / "lib" / "flopmeter"}) {
    const std::string library = (folder / library_name).string();
    if (!std::filesystem::exists(library)) {
      continue;
    }
    if (library.find_first_of(": ") != std::string::npos) {
      bad_input("cannot preload '{}': its path has a space or colon; move flopmeter", library);
    }
    return library;
  }
  bad_input("{} is missing: it belongs into {} or {}", library_name, here.string(),
            (here.parent_path() / "lib/flopmeter").string());
}

Ended run_counted(const std::string& file, const std::vector<std::string>& arguments,
                  const executed::RecordSpace& records, bool children) {
  const std::string library = counter_library();
  SignalsForTheProgram signals;
  const auto began = std::chrono::steady_clock::now();
  preload(library, records.path(), children);
  const auto [program, error] = start(file, arguments, signals);
  signals.hand_on_to(program);
  wait_until_it_ends(program);
  signals.stop();
  const int status = reap(program);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (error != 0) {
    bad_input("cannot run '{}': {}", file, strerror(error));
  }
  return {status, took.count(), program};
}

std::string ending(const Ended& ended) {
  return WIFEXITED(ended.status) ? fmt::format("exit code {}", WEXITSTATUS(ended.status))
                                 : fmt::format("killed by signal {} ({})", WTERMSIG(ended.status),
                                               strsignal(WTERMSIG(ended.status)));
}

int end_alike(const Ended& ended) {
  if (WIFEXITED(ended.status)) {
    return WEXITSTATUS(ended.status);
  }
  const int signal = WTERMSIG(ended.status);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  constexpr int as_a_shell = 128;
  return as_a_shell + signal;
}

}  // namespace flopmeter
