// The measured ceiling of memory: bytes per second, on as many cores as a kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/clock.h"
#include "bench/machine/memory_code.h"
#include "bench/machine/memory_pages.h"

namespace flopmeter {

/// A piece of memory for each thread, first written by the thread that uses it: on a machine of
/// several memory nodes it then lies beside that thread's core.
class MemoryArrays {
 public:
  /// Throws std::runtime_error when there is no such address space or OpenMP gives fewer threads.
  MemoryArrays(std::int64_t bytes, int threads);

  std::int64_t bytes() const { return bytes_; }
  int threads() const { return static_cast<int>(pages_.size()); }
  std::byte* of(int thread) const { return pages_.at(static_cast<std::size_t>(thread)).data(); }

  /// What pages the memory of all threads is on, as describe(PageUse) puts it.
  std::string pages() const;

 private:
  std::int64_t bytes_;
  std::vector<MemoryPages> pages_;
};

/// Moves data through arrays of `bytes` bytes in all (each thread has its own arrays of that size).
/// Counted is what the program asks for: load, store and non-temporal store one array, copy two,
/// triad three. What a write-back cache reads before it writes (write-allocate) is not counted.
class MemoryLoop {
 public:
  MemoryLoop(MemoryOperation operation, std::int64_t bytes, int threads,
             Clock clock = steady_seconds);

  /// In memory that is there already, which loops of several operations may share one after
  /// another. All of it that the loop can go through: at least a block of each of its arrays.
  MemoryLoop(MemoryOperation operation, std::shared_ptr<const MemoryArrays> arrays,
             Clock clock = steady_seconds);

  /// Bytes a second that all threads together ask for, in about so many seconds: the sum of what
  /// each thread reached. Arrays of up to 128 MiB are gone through once before, untimed, so that
  /// the caches hold what they can, and at least once afterwards. In larger ones a burst goes on
  /// where the one before ended, whose data no cache holds any more. Throws std::runtime_error
  /// when OpenMP gives fewer threads.
  double burst(double seconds) const;

  MemoryOperation operation() const { return operation_; }

  /// The working set of a thread, and what it asks for in one pass over it: rounded down to blocks
  /// of the loop, at least one block.
  std::int64_t bytes() const { return streams(operation_) * array_bytes_; }

  /// What a thread asks for between two looks at the clock: some 8 MB.
  std::int64_t bytes_a_look() const { return streams(operation_) * blocks_a_look_ * block_bytes(); }

  /// What pages the memory is on: "4 KiB", "2 MiB (transparent)", "unknown".
  std::string pages() const { return arrays_->pages(); }

 private:
  std::int64_t block_bytes() const { return code_.block_bytes(); }
  void look(int thread) const;
  double burst_of_one(int thread, double seconds) const;

  MemoryOperation operation_;
  Clock clock_;
  MemoryCode code_;
  std::shared_ptr<const MemoryArrays> arrays_;
  std::int64_t array_bytes_;
  std::int64_t blocks_a_look_;
  mutable std::vector<std::int64_t> offsets_;  // of each thread, where its next look begins
};

}  // namespace flopmeter
