#include "models/file/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kernels/bad_input.h"

namespace flopmeter::models {
namespace {

/// Closes the descriptor; the mapping stays.
struct Descriptor {
  int number;
  explicit Descriptor(int n) : number(n) {}
  ~Descriptor() {
    if (number >= 0) {
      close(number);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
};

}  // namespace

MappedFile::MappedFile(std::string path) : path_(std::move(path)) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const Descriptor file(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.number < 0 || fstat(file.number, &status) != 0) {
    bad_input("cannot read '{}': {}", path_, std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    bad_input("cannot read '{}': not a regular file", path_);
  }
  if (status.st_size == 0) {
    bad_input("cannot read '{}': the file is empty", path_);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (start == MAP_FAILED) {
    bad_input("cannot map '{}': {}", path_, std::strerror(errno));
  }
  bytes_ = {static_cast<const char*>(start), size};
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) {
    munmap(const_cast<char*>(bytes_.data()), bytes_.size());  // NOLINT: munmap takes no const
  }
}

}  // namespace flopmeter::models
