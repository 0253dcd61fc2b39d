#include "app/exec_destination.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kernels/bad_input.h"

namespace flopmeter {

Destination::Destination(const std::string& path)
    : path_(path), file_(path.empty() ? stderr : std::fopen(path.c_str(), "we")) {
  if (file_ == nullptr) {
    bad_input("cannot write '{}': {}; name a file that can be made", path, strerror(errno));
  }
}

Destination::~Destination() {
  if (file_ != stderr && file_ != nullptr) {
    std::fclose(file_);
  }
}

std::string Destination::write(const std::string& text) {
  bool written = std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  written = std::fflush(file_) == 0 && written;
  if (file_ != stderr) {
    // A full disk may be noticed only now.
    written = std::fclose(file_) == 0 && written;
    file_ = nullptr;
  }
  const int error = errno;
  return written ? ""
                 : fmt::format("cannot write the summary to {}: {}",
                               path_.empty() ? "stderr" : "'" + path_ + "'", strerror(error));
}

void keep_standard_streams_apart() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
      // The lowest free number is this one.
      const int way = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
      [[maybe_unused]] const int taken = open("/dev/null", way | O_CLOEXEC);
    }
  }
}

}  // namespace flopmeter
