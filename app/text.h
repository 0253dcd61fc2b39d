// How numbers and progress are written for people.
#pragma once

#include <string>
#include <string_view>

#include "results/cell.h"  // grouped

namespace flopmeter {

/// The name of a symbol in C++; as it is where it is none.
std::string demangled(const std::string& symbol);

/// A line that is rewritten in place while work goes on. Silent unless stderr is a terminal.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows "done/total what".
  void show(std::size_t done, std::size_t total, std::string_view what);
  /// Removes the line, so that other output can follow.
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
};

}  // namespace flopmeter
