// A loop over several dimensions that takes elements of one tensor to places of another.
#pragma once

#include <algorithm>
#include <span>

#include "kernels/families/dims/dims.h"

namespace flopmeter::moves {

using dims::Dims;

/// For all indices i below `extents`: to[to_start + sum i * to_strides] = from[from_start + sum i *
/// from_strides]. Each element of `to` is written once at the most; those that are not become 0. An
/// element of `from` is read several times along extents whose stride of `from` is 0, and only there.
struct Loop {
  Dims extents;
  Dims from_strides;
  Dims to_strides;
  std::int64_t from_start = 0;
  std::int64_t to_start = 0;

  std::int64_t moved() const { return dims::product(extents); }
  /// How many times each element that is read is read.
  std::int64_t repetitions() const {
    std::int64_t times = 1;
    for (std::size_t d = 0; d < extents.size(); ++d) {
      times *= from_strides[d] == 0 ? extents[d] : 1;
    }
    return times;
  }

  /// The same with neighbouring dimensions as one where they are walked through as one.
  Loop merged() const;

  template <class T>
  void forward(const T* from, std::span<T> to) const {
    if (moved() != std::ssize(to)) {
      std::ranges::fill(to, T(0));
    }
    walk([&](std::int64_t a, std::int64_t b, bool) { to[static_cast<std::size_t>(b)] = from[a]; });
  }

  /// The gradient of what was read: what was written, summed up where it was read several times.
  template <class T>
  void backward(const T* diff_to, std::span<T> diff_from) const {
    if (moved() / repetitions() != std::ssize(diff_from)) {
      std::ranges::fill(diff_from, T(0));
    }
    walk([&](std::int64_t a, std::int64_t b, bool first) {
      T& sum = diff_from[static_cast<std::size_t>(a)];
      if (first) {
        sum = diff_to[b];
      } else {
        sum += diff_to[b];
      }
    });
  }

 private:
  /// Calls work(place in from, place in to, whether that of from is met for the first time).
  template <class Work>
  void walk(const Work& work) const {
    dims::for_each_index(extents, [&](const Dims& index) {
      std::int64_t a = from_start;
      std::int64_t b = to_start;
      bool first = true;
      for (std::size_t d = 0; d < index.size(); ++d) {
        a += index[d] * from_strides[d];
        b += index[d] * to_strides[d];
        first = first && (from_strides[d] != 0 || index[d] == 0);
      }
      work(a, b, first);
    });
  }
};

}  // namespace flopmeter::moves
