// Large memory whose pages are large too, where the system has such: reading it is not a matter of look-ups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace flopmeter::generation {

/// Zeros that are not touched before they are used.
class Memory {
 public:
  Memory() = default;
  explicit Memory(std::int64_t bytes);

  std::byte* data() const { return data_.get(); }
  std::int64_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<std::byte[]> data_;
  std::int64_t bytes_ = 0;
};

}  // namespace flopmeter::generation
