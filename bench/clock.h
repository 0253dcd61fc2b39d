// Where times come from, so that tests can bring their own.
#pragma once

#include <chrono>
#include <functional>

namespace flopmeter {

/// Seconds since some fixed moment; never goes back. Called by several threads at a time.
using Clock = std::function<double()>;

inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace flopmeter
