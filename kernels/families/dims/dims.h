// Tensors of any rank in shapes that are written as lists of dimensions, 2x3x4:2x1x4, and kept as named
// integers: up to 8 dimensions for each list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/field.h"

namespace flopmeter::dims {

using Dims = std::vector<std::int64_t>;

/// Dimensions of one list that a shape has room for.
inline constexpr std::size_t rank = 8;

/// Whether the text begins with a number, as lists of dimensions do and keys do not.
bool is_list(std::string_view text);

/// "2x3x4" as numbers. Throws BadInput naming the layer and the whole shape.
Dims parse_list(std::string_view text, std::string_view layer, std::string_view whole);

/// "2x3x4:2x1x4" as lists. Throws BadInput unless there are from `least` to `most` of them, with the
/// accepted form.
std::vector<Dims> parse_lists(std::string_view text, std::string_view layer, std::size_t least,
                              std::size_t most, std::string_view form);

/// "2x3x4", and such lists with colons between them.
std::string print(const Dims&);
std::string print(const std::vector<Dims>&);

/// Elements. Throws CountOverflow.
std::int64_t product(const Dims&);

/// The list as it lies in Values behind `list` others: `rank` integers, missing ones first with
/// `missing` in their place. Throws BadInput where there are more.
void put(Values& values, std::size_t list, const Dims& dims, std::int64_t missing,
         std::string_view layer);

/// The same back, without what is missing; at the least one dimension.
Dims get(const Values& values, std::size_t list, std::int64_t missing);

/// Distances of neighbours in a row-major tensor.
Dims strides(const Dims&);

/// Calls work(indices) for all elements of a tensor, the last index fastest.
template <class Work>
void for_each_index(const Dims& dims, const Work& work) {
  Dims index(dims.size(), 0);
  const std::int64_t elements = product(dims);
  for (std::int64_t i = 0; i < elements; ++i) {
    work(index);
    for (std::size_t d = dims.size(); d-- > 0;) {
      if (++index[d] < dims[d]) {
        break;
      }
      index[d] = 0;
    }
  }
}

}  // namespace flopmeter::dims
