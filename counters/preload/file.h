// A file that is written by system calls alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flopmeter::executed {

/// Made anew, or replacing the old one when it is committed. What fails, fails silently: there is
/// no one to be told.
class File {
 public:
  explicit File(const char* path);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return file_ >= 0; }
  void write(const void* bytes, std::size_t size);
  /// Appends the whole of another file.
  void append(const char* path);
  void flush();

 private:
  int file_;
  std::size_t used_ = 0;
};

}  // namespace flopmeter::executed
