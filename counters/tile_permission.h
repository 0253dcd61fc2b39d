// AMX tiles: a program must ask the kernel before it uses them.
#pragma once

namespace flopmeter {

/// Asks Linux for AMX tiles, for all threads of this process. Whether it may use them: false as
/// well where neither kernel nor CPU has them.
bool may_use_tiles();

}  // namespace flopmeter
