// Which oneDNN runs, whichever was compiled with.
#pragma once

#include <string>

namespace flopmeter::onednn {

/// Whether the library that runs is of this version or younger.
bool is_at_least(int major, int minor);

/// "2.6.3".
std::string version();

}  // namespace flopmeter::onednn
