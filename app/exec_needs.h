// What a program's file says of how it runs.
#pragma once

#include <string>
#include <vector>

namespace flopmeter {

/// DT_NEEDED of a 64-bit x86 ELF file: "libc.so.6". Empty where it asks for none, or is no such
/// file.
std::vector<std::string> needed_libraries(const std::string& path);

/// The read-only data of a program that was written to a file from memory: nothing of what it
/// writes is zero at first. Empty where it is no such program.
std::vector<std::string> data_of_saved_program(const std::string& path);

}  // namespace flopmeter
