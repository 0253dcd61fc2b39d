// C = A * B in plain loops, for matrices that lie in memory in whatever way. Layers that are made
// of matrix products share it.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "counters/counted.h"

namespace flopmeter::matmul {

/// Element (i, j) is data[i * row + j * column].
template <class T>
struct Matrix {
  T* data;
  std::int64_t row, column;

  Matrix transposed() const { return {data, column, row}; }
};

/// The rows of a matrix behind each other: moving is no arithmetic, and the inner loop of the
/// product shall run along contiguous memory, wherever it is compiled: with a stride that is one
/// only at run time, GCC takes its scalar version where the product has one caller and is inlined,
/// four times slower than the vectors of the same text elsewhere.
template <class T>
std::vector<std::remove_const_t<T>> rows_of(const Matrix<T>& m, std::int64_t rows,
                                            std::int64_t columns) {
  std::vector<std::remove_const_t<T>> copy(static_cast<std::size_t>(rows * columns));
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      copy[static_cast<std::size_t>(i * columns + j)] = m.data[i * m.row + j * m.column];
    }
  }
  return copy;
}

/// A is rows x depth, B is depth x columns. `starts`: C holds nothing yet, and the first product of
/// each sum starts it; else the products are added to what is there.
template <class T>
void product(std::int64_t rows, std::int64_t depth, std::int64_t columns, Matrix<const T> a,
             Matrix<const T> b, Matrix<T> c, bool starts) {
  if (c.column != 1) {
    std::swap(rows, columns);
    std::swap(a, b);
    a = a.transposed();
    b = b.transposed();
    c = c.transposed();
  }
  std::vector<T> packed;
  if (b.column != 1) {
    packed = rows_of(b, depth, columns);
    b = {packed.data(), columns, 1};
  }
  for (std::int64_t i = 0; i < rows; ++i) {
    T* sums = c.data + i * c.row;
    for (std::int64_t k = 0; k < depth; ++k) {
      const T factor = a.data[i * a.row + k * a.column];
      const T* terms = b.data + k * b.row;
      if (starts && k == 0) {
        for (std::int64_t j = 0; j < columns; ++j) {
          sums[j] = start_sum(factor * terms[j]);
        }
      } else {
        for (std::int64_t j = 0; j < columns; ++j) {
          sums[j] += factor * terms[j];
        }
      }
    }
  }
}

}  // namespace flopmeter::matmul
