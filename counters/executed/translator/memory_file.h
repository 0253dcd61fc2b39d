// /proc/PID/mem: a file by which a process may write what it cannot write as memory, its own code.
#pragma once

#include <cstdint>

namespace flopmeter::executed {

/// Whether the call asks for a file of such a name. By the registers of the call.
bool opens_memory(const std::uint64_t* registers);

struct Written {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Where in memory a call has written that ended with so many bytes; empty: nowhere by such a file.
Written written_memory(const std::uint64_t* registers, std::uint64_t call, long bytes);

/// A call that may write to a file.
bool is_write(std::uint64_t call);

}  // namespace flopmeter::executed
