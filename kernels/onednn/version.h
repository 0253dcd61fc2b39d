// Which oneDNN runs, whichever was compiled with, and what it makes use of.
#pragma once

#include <string>

namespace flopmeter::onednn {

/// Whether the library that runs is of this version or younger.
bool is_at_least(int major, int minor);

/// Whether it uses all of these instructions, a dnnl_cpu_isa_t, on this CPU.
bool uses_isa(unsigned isa);

/// "2.6.3".
std::string version();

}  // namespace flopmeter::onednn
