#pragma once

namespace flopmeter::scans {

/// A product that is stored: no MAC.
template <class T>
T times(T a, T b) {
  return a * b;
}

}  // namespace flopmeter::scans
