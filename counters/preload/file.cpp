#include "counters/preload/file.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace flopmeter::executed {
namespace {

// One file is written at a time. Not on the stack, which may be that of a signal handler.
char buffer[1U << 16];

// open and write of the C library are points where a thread can be cancelled; syscall is not.
int open_file(const char* path, int flags) {
  constexpr int mode = 0600;
  return static_cast<int>(syscall(SYS_open, path, flags | O_CLOEXEC, mode));
}

}  // namespace

File::File(const char* path) : file_(open_file(path, O_WRONLY | O_CREAT | O_TRUNC)) {}

File::~File() {
  flush();
  if (is_open()) syscall(SYS_close, file_);
}

void File::write(const void* bytes, std::size_t size) {
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const std::size_t part = std::min(size, sizeof buffer - used_);
    std::memcpy(buffer + used_, from, part);
    used_ += part;
    from += part;
    size -= part;
    if (used_ == sizeof buffer) flush();
  }
}

void File::append(const char* path) {
  const int other = open_file(path, O_RDONLY);
  if (other < 0) return;
  flush();
  for (long got = 1; got > 0; flush()) {
    got = syscall(SYS_read, other, buffer, sizeof buffer);
    used_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  syscall(SYS_close, other);
}

void File::flush() {
  for (std::size_t done = 0; is_open() && done < used_;) {
    const long wrote = syscall(SYS_write, file_, buffer + done, used_ - done);
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  used_ = 0;
}

}  // namespace flopmeter::executed
