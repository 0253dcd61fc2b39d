// This process as its record will tell of it, and the writing of the record.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

namespace flopmeter::executed {

/// How a process comes to its end.
enum class End {
  counted,    // by a system call of code that is counted
  uncounted,  // in code that runs as it is
  replaced,   // by another program
  killed,     // by a signal
};

class Process {
 public:
  /// Writes a first record into the folder; empty: none is wanted.
  void load(const char* folder);
  /// main is about to be called.
  void start();
  /// Writes the totals as they are now, over those of before. Neither allocates nor touches errno;
  /// any thread, and signal handlers. After `killed` no other thread comes to end the process.
  void write(End end);

  /// Of the record; empty: there is none.
  const char* path() const { return path_; }

  /// It is counted, and not a child of a process that is.
  bool counts() const { return started_ && is_this(); }
  void unavailable();

  std::atomic<std::int64_t> threads = 0;
  std::atomic<std::int64_t> threads_without_counter = 0;

 private:
  bool is_this() const;
  bool choose_file(const char* folder);
  void write_file() const;

  static constexpr std::size_t longest_path = 4096;
  char path_[longest_path] = {};   // empty: there is nothing to be written
  char fresh_[longest_path] = {};  // becomes the other when it is complete
  pid_t number_ = 0;
  std::int64_t start_ = 0;  // nanoseconds
  bool started_ = false;
  std::atomic<pid_t> writer_ = 0;
};

}  // namespace flopmeter::executed
