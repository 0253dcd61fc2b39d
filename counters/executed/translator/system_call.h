// System calls without the C library, which the guest may be inside of: no errno, no vector
// register.
#pragma once

#include <cstdint>

namespace flopmeter::executed {

/// As the kernel returns it: -errno where it failed.
inline long system_call(long number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0,
                        std::uint64_t d = 0, std::uint64_t e = 0, std::uint64_t f = 0) {
  register std::uint64_t fourth asm("r10") = d;
  register std::uint64_t fifth asm("r8") = e;
  register std::uint64_t sixth asm("r9") = f;
  asm volatile("syscall"
               : "+a"(number)
               : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  return number;
}

inline bool has_failed(long result) { return result < 0 && result >= -4095; }

}  // namespace flopmeter::executed
