// Cases that kill the process: what crashes inside a library costs its case, not the run.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace flopmeter::crashes {

/// Runs `work` in a child process and returns its exit code; what it throws, it throws there. In it `come_back_here` does what it says.
/// A child has none of its parent's threads, those of OpenMP included: `work` has to do with one a
/// case. What no case stands for, a signal from outside or a fault elsewhere, ends this process too.
int in_children(const std::function<int()>& work);

/// When a case kills the process, it comes back to this line as it was, and `crash_of` knows the case.
/// Another call moves the line. To be called while there is one thread; nothing outside `in_children`.
void come_back_here();

/// What the calling thread runs until the end of the scope.
class Running {
 public:
  explicit Running(std::string_view name);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
};

/// What the case of this name died of: "SIGSEGV (Segmentation fault)". Empty where it did not.
std::string crash_of(std::string_view name);

}  // namespace flopmeter::crashes
