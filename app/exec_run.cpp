#include "app/exec_run.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

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

/// In the child; tells the parent what went wrong by the pipe, which closes when nothing does.
[[noreturn]] void become(const std::string& file, const std::vector<std::string>& arguments,
                         int pipe) {
  std::vector<char*> list;
  for (const std::string& argument : arguments) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): execvp does not write through it
    list.push_back(const_cast<char*>(argument.c_str()));
  }
  list.push_back(nullptr);
  execvp(file.c_str(), list.data());
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(pipe, &error, sizeof error);
  _exit(2);
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

/// 0 when the pipe closed without a word.
int error_from(int pipe) {
  int error = 0;
  const auto got = read(pipe, &error, sizeof error);
  close(pipe);
  return got == sizeof error ? error : 0;
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
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error(fmt::format("cannot make a pipe: {}", strerror(errno)));
  }
  SignalsForTheProgram signals;
  const auto start = std::chrono::steady_clock::now();
  const pid_t program = fork();
  if (program < 0) {
    throw std::runtime_error(
        fmt::format("cannot make a process for '{}': {}", file, strerror(errno)));
  }
  if (program == 0) {
    signals.restore();
    preload(library, records.path(), children);
    become(file, arguments, pipe[1]);
  }
  signals.hand_on_to(program);
  close(pipe[1]);
  const int error = error_from(pipe[0]);
  wait_until_it_ends(program);
  signals.stop();
  const int status = reap(program);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
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
