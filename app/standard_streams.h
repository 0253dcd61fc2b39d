// Standard output and standard error that say when what was written did not arrive.
#pragma once

#include <string_view>

namespace flopmeter {

/// Descriptors 0 to 2 that are closed become ones that refuse to be written. Without that, the first
/// file that the program opens would take their number, and rows and messages would be mixed in it.
/// Called before anything is opened.
void occupy_closed_streams();

/// What a library prints of its own on standard output would stand among ours; "" or the name of the
/// variable that asked for it, which is taken back.
std::string_view silence_libraries();

/// One line on standard error. Never throws: where it cannot be written, `finish` knows.
void complain(std::string_view line);

/// Brings out what is still in buffers. The exit code: that of the work, or 2 where anything of it
/// could not be written, which is said in one line where that can be.
int finish(int exit_code);

}  // namespace flopmeter
