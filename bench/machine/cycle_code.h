// How fast the core's clock ticks, where no counter of cycles can be read.
#pragma once

#include <cstdint>
#include <memory>

namespace flopmeter {

/// A chain of dependent integer additions: one takes exactly one cycle of the core's clock on every
/// x86-64, which no counter shows in a virtual machine.
class CycleCode {
 public:
  CycleCode();
  ~CycleCode();
  CycleCode(CycleCode&&) noexcept;
  CycleCode& operator=(CycleCode&&) noexcept;
  CycleCode(const CycleCode&) = delete;
  CycleCode& operator=(const CycleCode&) = delete;

  static constexpr int cycles_per_pass = 96;

  void run(std::int64_t passes) const;

 private:
  class Generator;
  std::unique_ptr<Generator> generator_;
};

}  // namespace flopmeter
