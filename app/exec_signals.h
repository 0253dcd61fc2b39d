// What happens to signals that reach flopmeter while a program runs under it.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <vector>

namespace flopmeter {

/// While it lives, signals by which this process would end are handed on to the program, which
/// alone decides about them. What the terminal sends is not: it has reached the program already.
class SignalsForTheProgram {
 public:
  /// Signals wait until it is known where they go.
  SignalsForTheProgram();
  ~SignalsForTheProgram();
  SignalsForTheProgram(const SignalsForTheProgram&) = delete;
  SignalsForTheProgram& operator=(const SignalsForTheProgram&) = delete;

  void hand_on_to(pid_t program);
  /// The program has ended, and its number may soon be that of another process.
  void stop();
  /// In the program, before it begins: as this process had found it.
  void restore() const;

 private:
  struct Before {
    int signal;
    struct sigaction action;
  };
  std::vector<Before> before_;
  sigset_t handled_;
  sigset_t mask_before_;
};

}  // namespace flopmeter
