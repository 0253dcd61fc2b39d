// Where the summary of `flopmeter exec` goes.
#pragma once

#include <cstdio>
#include <string>

namespace flopmeter {

/// A file of that name, or stderr when it is empty. Opened before the program runs, so that nothing
/// is counted for nothing. Throws BadInput when it cannot be made.
class Destination {
 public:
  explicit Destination(const std::string& path);
  ~Destination();
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;

  /// Writes all and closes the file. Empty, or why it could not: "cannot write ...".
  std::string write(const std::string& text);

 private:
  std::string path_;
  std::FILE* file_;
};

/// Takes the numbers 0 to 2 where they are closed, so that no file that is opened gets one of them
/// and is taken for a standard stream. The program finds them closed. What is written to them fails.
void keep_standard_streams_apart();

}  // namespace flopmeter
