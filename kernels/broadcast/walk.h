// Tensors of which some are repeated along some dimensions, walked through row by row.
#pragma once

#include <array>
#include <vector>

#include "kernels/families/dims/dims.h"

namespace flopmeter::broadcast {

using dims::Dims;

inline constexpr std::size_t most_sources = 3;

/// The dimensions of each source, all of one rank, and of the result: the larger in each.
struct Shape {
  std::vector<Dims> sources;

  Dims result() const;
  /// How many elements of the result each element of the source stands for.
  std::int64_t repetitions(std::size_t source) const;
};

/// Throws BadInput where the sources' dimensions are neither equal nor 1.
void check(const Shape&, std::string_view layer);

/// Neighbouring dimensions that are repeated alike, as one: 1x64x56x56:1x64x1x1 is 64x3136:64x1.
/// The elements lie where they lay.
Shape merged(const Shape&);

/// Where a row begins in each source, and how far its elements are apart: 0 where one is repeated.
template <class T>
struct Slices {
  std::array<const T*, most_sources> at{};
  std::array<std::int64_t, most_sources> steps{};
};

/// Where terms are added to, of how many each sum is, and whether these are the first ones.
template <class T>
struct Sum {
  T* at;
  std::int64_t step;
  std::int64_t terms;
  bool begins;
};

/// The rows of the result of a shape, in order.
class Walk {
 public:
  explicit Walk(const Shape&);

  std::int64_t length() const { return result_.back(); }

  /// Calls work(first, slices) for each row: its first element in the result and the sources. A
  /// source that is null stays so.
  template <class T, class Work>
  void for_rows(const Slices<T>& sources, const Work& work) const {
    const Dims outer(result_.begin(), result_.end() - 1);
    std::int64_t first = 0;
    dims::for_each_index(outer, [&](const Dims& index) {
      work(first, slices_at(sources, index));
      first += length();
    });
  }

  /// Calls work(first, slices, sum) for each row, with the row of the gradient of one source. An
  /// element of it is met once for each repetition, for the first time where the place in all
  /// repeated dimensions is 0.
  template <class T, class Work>
  void for_sums(const Slices<T>& sources, std::size_t source, T* gradient, const Work& work) const {
    const Dims& strides = strides_[source];
    const Dims outer(result_.begin(), result_.end() - 1);
    std::int64_t first = 0;
    dims::for_each_index(outer, [&](const Dims& index) {
      std::int64_t place = 0;
      bool begins = true;
      for (std::size_t d = 0; d < index.size(); ++d) {
        place += index[d] * strides[d];
        begins = begins && (strides[d] != 0 || index[d] == 0);
      }
      work(first, slices_at(sources, index),
           Sum<T>{gradient + place, strides.back(), repetitions_[source], begins});
      first += length();
    });
  }

 private:
  template <class T>
  Slices<T> slices_at(const Slices<T>& sources, const Dims& index) const {
    Slices<T> slices = sources;
    for (std::size_t s = 0; s < strides_.size(); ++s) {
      for (std::size_t d = 0; slices.at[s] != nullptr && d < index.size(); ++d) {
        slices.at[s] += index[d] * strides_[s][d];
      }
      slices.steps[s] = strides_[s].back();
    }
    return slices;
  }

  Dims result_;
  std::vector<Dims> strides_;  // of each source, 0 where it is repeated
  std::vector<std::int64_t> repetitions_;
};

}  // namespace flopmeter::broadcast
