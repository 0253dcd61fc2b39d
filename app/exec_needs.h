// The shared libraries that a program asks its dynamic linker for.
#pragma once

#include <string>
#include <vector>

namespace flopmeter {

/// DT_NEEDED of a 64-bit x86 ELF file: "libc.so.6". Empty where it asks for none, or is no such
/// file.
std::vector<std::string> needed_libraries(const std::string& path);

}  // namespace flopmeter
