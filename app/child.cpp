#include "app/child.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace flopmeter {
namespace {

/// Takes what the child writes. Not a pipe: those fill up while nobody reads.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("child", MFD_CLOEXEC)) {
    if (descriptor_ < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot take a child's output");
    }
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return descriptor_; }

  std::string text() const {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = pread(descriptor_, part.data(), part.size(),
                                         static_cast<off_t>(all.size()))) > 0;) {
      all.append(part.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  int descriptor_;
};

class FileActions {
 public:
  FileActions(int out, int error) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, error, STDERR_FILENO);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('=') + 1);
}

/// This process's variables but for those that `ours` sets, then `ours`.
std::vector<std::string> with(std::span<const std::string> ours) {
  std::vector<std::string> all(ours.begin(), ours.end());
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view name = name_of(*variable);
    if (std::ranges::find(ours, name, name_of) == ours.end()) {
      all.emplace_back(*variable);
    }
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) {
    all.push_back(word.data());
  }
  all.push_back(nullptr);
  return all;
}

pid_t start(const std::string& program, std::span<const std::string> words,
            std::span<const std::string> variables, const FileActions& actions) {
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), words.begin(), words.end());
  std::vector<std::string> environment = with(variables);
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), actions.get(), nullptr,
                                pointers(arguments).data(), pointers(environment).data());
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "cannot start " + program);
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "cannot wait for a child");
    }
  }
  return status;
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return std::string(text.substr(text.rfind('\n') + 1));  // npos + 1 is 0
}

std::string problem(int status, const std::string& complaints) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return "";
  }
  const std::string end = WIFSIGNALED(status)
                              ? fmt::format("killed by {}", strsignal(WTERMSIG(status)))
                              : fmt::format("exit code {}", WEXITSTATUS(status));
  const std::string line = last_line(complaints);
  return line.empty() ? end : fmt::format("{}: {}", end, line);
}

}  // namespace

ChildOutput run_child(const std::string& program, std::span<const std::string> words,
                      std::span<const std::string> variables) {
  const MemoryFile out;
  const MemoryFile error;
  const FileActions actions(out.descriptor(), error.descriptor());
  const int status = wait_for(start(program, words, variables, actions));
  return {out.text(), problem(status, error.text())};
}

}  // namespace flopmeter
