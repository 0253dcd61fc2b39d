// Memory that the counter takes from the kernel itself: what it counts may be inside malloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace flopmeter::executed {

void unmap_pages(void* pages, std::size_t bytes);

/// Has the kernel put zeroed memory behind all these pages at once, where it can: a page fault each
/// costs many times as much. They are whole pages of one mapping.
void populate(void* pages, std::size_t bytes);

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

/// Where arrays get their pages from: zeroed; nullptr: there are none. `offset` is where another
/// process finds them, if one does.
using PageSource = std::uint8_t* (*)(std::size_t bytes, std::uint64_t& offset);
std::uint8_t* private_pages(std::size_t bytes, std::uint64_t& offset);

/// An array that grows by pieces and never moves: whoever knows an index may read the element while
/// another thread adds some.
template <class T, std::uint32_t piece_elements, std::uint32_t max_pieces>
class Pool {
 public:
  static constexpr std::uint32_t capacity = piece_elements * max_pieces;

  explicit Pool(PageSource source = private_pages) : source_(source) {}
  ~Pool() {
    for (std::uint32_t i = 0; i < piece_count_; ++i) unmap_pages(pieces_[i], piece_bytes);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  T& operator[](std::uint32_t i) const {
    return reinterpret_cast<T*>(pieces_[i / piece_elements])[i % piece_elements];
  }
  std::uint32_t size() const { return size_; }
  /// How many of `elements` from `i` on lie in one piece.
  static std::uint32_t contiguous(std::uint32_t i, std::uint32_t elements) {
    const std::uint32_t left = piece_elements - i % piece_elements;
    return elements < left ? elements : left;
  }
  void clear() { size_ = 0; }

  /// Makes room for so many more elements, in any case by whole pieces; false: there is none.
  bool reserve(std::uint32_t elements) {
    while (piece_count_ * piece_elements - size_ < elements) {
      if (piece_count_ == max_pieces) return false;
      std::uint8_t* const pages = source_(piece_bytes, offsets_[piece_count_]);
      if (pages == nullptr) return false;
      pieces_[piece_count_++] = pages;
    }
    return true;
  }

  /// The index of an element that is still as it was, for which room was reserved.
  std::uint32_t add(std::uint32_t elements = 1) {
    const std::uint32_t first = size_;
    size_ += elements;
    if (size_ > populated_) populate_more();
    return first;
  }
  /// The index of the new element, for which room was reserved.
  std::uint32_t push(const T& value) {
    const std::uint32_t i = add();
    (*this)[i] = value;
    return i;
  }

  /// Into pages of its own, which a forked process does not share with the other; false: there are
  /// none.
  bool copy() {
    for (std::uint32_t i = 0; i < piece_count_; ++i) {
      std::uint8_t* const pages = source_(piece_bytes, offsets_[i]);
      if (pages == nullptr) return false;
      const std::uint32_t first = i * piece_elements;
      const std::uint32_t used = size_ < first ? 0 : contiguous(first, size_ - first);
      std::memcpy(pages, pieces_[i], used * sizeof(T));
      unmap_pages(pieces_[i], piece_bytes);
      pieces_[i] = pages;
    }
    return true;
  }

  /// Where another process finds the pieces.
  const std::uint64_t* offsets() const { return offsets_; }
  std::uint32_t piece_count() const { return piece_count_; }

 private:
  static constexpr std::size_t piece_bytes = (piece_elements * sizeof(T) + 4095) / 4096 * 4096;
  static constexpr std::size_t chunk_bytes = 64U << 10;

  // As far as to a little behind the last element.
  void populate_more() {
    const std::uint32_t last = size_ - 1;
    const std::size_t at = last % piece_elements * sizeof(T) / 4096 * 4096;
    const std::size_t bytes = piece_bytes - at < chunk_bytes ? piece_bytes - at : chunk_bytes;
    populate(pieces_[last / piece_elements] + at, bytes);
    populated_ = bytes == chunk_bytes ? last - last % piece_elements +
                                            static_cast<std::uint32_t>((at + bytes) / sizeof(T))
                                      : (last / piece_elements + 1) * piece_elements;
  }

  PageSource source_;
  std::uint8_t* pieces_[max_pieces] = {};
  std::uint64_t offsets_[max_pieces] = {};
  std::uint32_t piece_count_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t populated_ = 0;  // elements from the first on whose pages are there
};

inline constexpr std::uint64_t page_bytes = 4096;

/// Whether the page of this address can be read, without reading it.
bool is_readable(std::uint64_t address);

/// How many bytes from the address on can be read, without reading them: `most`, which is at most a
/// page, or as far as the end of the address's page, or none.
std::size_t readable_bytes(std::uint64_t address, std::size_t most);

}  // namespace flopmeter::executed
