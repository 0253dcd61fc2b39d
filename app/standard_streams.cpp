#include "app/standard_streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

namespace flopmeter {
namespace {

constexpr int cannot_write = 2;

// oneDNN's names for one switch. It prints by printf, to standard output.
constexpr std::array<const char*, 3> verbose_variables{"DNNL_VERBOSE", "ONEDNN_VERBOSE",
                                                       "MKLDNN_VERBOSE"};

bool complaint_was_lost = false;

/// Why the last write failed is forgotten by then, so one more says it: an empty line, which would
/// harm nothing if there were room meanwhile. 0 where it succeeds.
int error_of_a_write() {
  errno = 0;
  return write(STDOUT_FILENO, "\n", 1) < 0 ? errno : 0;
}

std::string reason_text(int error) {
  return error == EBADF ? "it is closed"
         : error != 0   ? std::generic_category().message(error)
                        : "some of it was lost on the way";
}

}  // namespace

void occupy_closed_streams() {
  // open takes the lowest number that is free, so one after another. A program that is started (exec)
  // has them closed again.
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) {
      [[maybe_unused]] const int taken = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
  }
}

std::string_view silence_libraries() {
  std::string_view asked;
  for (const char* name : verbose_variables) {
    const char* value = std::getenv(name);
    if (value != nullptr && std::string_view(value) != "0") {
      asked = name;
      unsetenv(name);
    }
  }
  return asked;
}

void complain(std::string_view line) {
  std::string text(line);
  for (char& c : text) {
    c = c == '\n' ? ' ' : c;
  }
  text += '\n';
  if (std::fwrite(text.data(), 1, text.size(), stderr) != text.size() || std::fflush(stderr) != 0) {
    complaint_was_lost = true;
  }
}

int finish(int exit_code) {
  const bool failed_before = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) != 0 || failed_before) {
    const int reason = errno != 0 ? errno : error_of_a_write();
    complain(fmt::format("flopmeter: cannot write standard output: {}", reason_text(reason)));
    return cannot_write;
  }
  return complaint_was_lost ? cannot_write : exit_code;
}

}  // namespace flopmeter
