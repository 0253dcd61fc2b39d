// Code to be counted: what a translator slows down little, and what it slows down most.
#pragma once

#include <functional>
#include <span>
#include <string_view>

namespace flopmeter::translation {

/// `make` prepares one call, which takes 10 microseconds to some milliseconds. Compiled for CPUs
/// with AVX2 and no more, and to be run with DNNL_MAX_CPU_ISA=AVX2 where valgrind runs it too.
struct Workload {
  std::string_view name;
  std::string_view kind;
  double limit;  // of the time under the counter over the native time
  std::function<void()> (*make)();
};

std::span<const Workload> workloads();

/// nullptr: there is none of that name.
const Workload* find_workload(std::string_view name);

}  // namespace flopmeter::translation
