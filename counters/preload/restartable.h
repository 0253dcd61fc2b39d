// Restartable sequences: the kernel restarts what a thread does to data of its CPU, when the thread
// is interrupted between two addresses. It does not know translated code, so there must be none.
#pragma once

namespace flopmeter::executed {

/// Takes back that the C library has told the kernel of this thread, and what programs read of it,
/// as where the kernel has no such thing. Threads that are made later are refused the call.
void leave_restartable_sequences();

}  // namespace flopmeter::executed
