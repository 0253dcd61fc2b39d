// Memory that the counter takes from the kernel itself: what it counts may be inside malloc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flopmeter::executed {

/// Private zeroed pages; those never touched cost nothing. Throws std::bad_alloc.
class Pages {
 public:
  explicit Pages(std::size_t bytes);
  ~Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  std::uint8_t* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::uint8_t* data_;
  std::size_t bytes_;
};

/// An array that grows up to a fixed number of elements and never moves.
template <class T>
class Pool {
 public:
  explicit Pool(std::uint32_t capacity) : pages_(capacity * sizeof(T)), capacity_(capacity) {}

  T& operator[](std::uint32_t i) { return begin()[i]; }
  const T& operator[](std::uint32_t i) const { return begin()[i]; }
  T* begin() const { return reinterpret_cast<T*>(pages_.data()); }
  T* end() const { return begin() + size_; }
  std::uint32_t size() const { return size_; }
  std::uint32_t room() const { return capacity_ - size_; }
  void clear() { size_ = 0; }
  void grow(std::uint32_t elements) { size_ += elements; }

  /// The index of the new element. There must be room.
  std::uint32_t push(const T& value) {
    begin()[size_] = value;
    return size_++;
  }

 private:
  Pages pages_;
  std::uint32_t capacity_;
  std::uint32_t size_ = 0;
};

inline constexpr std::uint64_t page_bytes = 4096;

/// Whether the page of this address can be read, without reading it.
bool is_readable(std::uint64_t address);

/// How many bytes from the address on can be read, without reading them: `most`, which is at most a
/// page, or as far as the end of the address's page, or none.
std::size_t readable_bytes(std::uint64_t address, std::size_t most);

}  // namespace flopmeter::executed
