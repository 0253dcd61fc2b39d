// Memory that is asked for at once.
#pragma once

#include <cstddef>

namespace flopmeter {

/// Has at least so many bytes, and at most some megabytes, ready for malloc, in huge pages where there are any, and
/// has it keep what is given back. Making pages one by one takes longer than all else in small commands, in
/// virtual machines above all. Not where something is timed: operands would lie elsewhere.
void make_memory(std::size_t bytes);

}  // namespace flopmeter
