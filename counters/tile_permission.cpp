#include "counters/tile_permission.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace flopmeter {
namespace {

// Since Linux 5.16; of asm/prctl.h and the number of the state in XCR0.
constexpr long request_permission = 0x1023;
constexpr long tile_data = 18;

}  // namespace

bool may_use_tiles() { return syscall(SYS_arch_prctl, request_permission, tile_data) == 0; }

}  // namespace flopmeter
