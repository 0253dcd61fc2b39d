// Google Benchmark's own options, passed straight through to it but checked before: on a bad value
// it prints its usage and ends the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flopmeter {

class BenchmarkFlags {
 public:
  BenchmarkFlags() = default;

  /// --benchmark_x=y as on the command line. Throws BadInput for what Google Benchmark would not
  /// accept, and for what cannot be done here.
  explicit BenchmarkFlags(std::vector<std::string> given);

  /// The value given for the option, empty when it was not given.
  std::string value(std::string_view name) const;

  /// Only the names are asked for.
  bool lists_only() const;

  /// Those that change what is measured, to reproduce a row.
  std::vector<std::string> measuring() const;

  /// Sets Google Benchmark's options, those that were not given to our defaults: 5 repetitions of
  /// 0.05 s. They are global, and keep their values until somebody sets others.
  void hand_over() const;

 private:
  std::vector<std::string> given_;
};

}  // namespace flopmeter
