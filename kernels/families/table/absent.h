// Backends that a library has nothing for, with the reason.
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/backend.h"

namespace flopmeter {

/// A string that can be a template argument.
template <std::size_t n>
struct Text {
  constexpr Text(const char (&text)[n]) {  // NOLINT(google-explicit-constructor)
    std::copy_n(text, n, value);
  }
  char value[n];
};

/// A row of a table of backends that is always unavailable, for that reason.
template <class Shape, Text reason>
Backend<Shape> absent(std::string_view backend) {
  return {backend, [](const Shape&, const Setup&, Tensors<float>&) -> Preparation {
            return Unavailable{reason.value};
          }};
}

}  // namespace flopmeter
