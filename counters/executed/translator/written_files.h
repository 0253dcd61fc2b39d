// Private memory of a file shows what is written to the file elsewhere: code that is mapped from one
// that the program has opened to be written, before or afterwards, may change without a system call
// that says so. Uses no vector register.
#pragma once

#include <array>
#include <cstdint>

#include "counters/executed/translator/changeable.h"

namespace flopmeter::executed {

class WrittenFiles {
 public:
  /// The next call opens a file of the usual kind, or makes one, to be written.
  static bool opens_to_write(const std::uint64_t* registers);

  // With the lock of `changeable`.
  /// Of the file that has been opened: what can be run of it changes from now on. Between which
  /// addresses that is; they may be none.
  struct Range {
    std::uint64_t begin = ~std::uint64_t{0};
    std::uint64_t end = 0;
  };
  Range note_opened(std::uint64_t file, Changeable& changeable);
  /// Whether the file may change. Memory that can be run is remembered.
  bool maps_written(std::uint64_t file, std::uint64_t begin, std::uint64_t end, bool runs);

 private:
  struct File {
    std::uint64_t device;
    std::uint64_t inode;

    bool operator==(const File&) const = default;
  };
  struct Mapped {
    File file;
    std::uint64_t begin;
    std::uint64_t end;
  };

  // Of each, the latest are known. To fill them would make their pages.
  static constexpr std::uint32_t capacity = 4096;
  std::array<File, capacity> written_;
  std::array<Mapped, capacity> mapped_;
  std::uint32_t written_count_ = 0;
  std::uint32_t mapped_count_ = 0;
};

}  // namespace flopmeter::executed
