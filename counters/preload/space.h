// The file in memory that this process shares with `flopmeter exec`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "counters/executed/shared_process.h"

namespace flopmeter::executed {

/// Of one process and those that are forked from it. By system calls alone.
class Space {
 public:
  /// Maps the start of the file and closes it: false: it is not there, or of another build.
  bool open(const char* path);

  /// New pages of the file, anywhere or at `place`; nullptr: there are none.
  std::uint8_t* allocate(std::size_t bytes, std::uint64_t& offset, void* place = nullptr);

  SpaceHeader& header() const { return *header_; }

 private:
  SpaceHeader* header_ = nullptr;
};

/// Of this process.
extern Space space;
std::uint8_t* pages_of_space(std::size_t bytes, std::uint64_t& offset);

}  // namespace flopmeter::executed
