// Threads are placed by flopmeter itself.
#pragma once

namespace flopmeter {

/// OMP_PROC_BIND and its like, an HPC default, have bound this process to one core before main; then
/// --threads=2 has no core to run on. Starts the program anew without them, on the cores that its
/// parent may use; returns where there is nothing to do. Before anything is opened or printed.
void unbind_threads(char** argv);

}  // namespace flopmeter
