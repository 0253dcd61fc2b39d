// Spatial sizes as the normalisation layers print them: ih7 is a square, iw7 a row, no size a
// point.
#pragma once

#include <fmt/format.h>

#include <string>

namespace flopmeter::normalization {

/// The sizes that `complete_sizes` does not bring back.
template <class Shape>
std::string print_sizes(const Shape& s) {
  if (s.id != 1) {
    const std::string depth = fmt::format("id{}", s.id);
    return s.ih == s.id && s.iw == s.id ? depth : fmt::format("{}ih{}iw{}", depth, s.ih, s.iw);
  }
  if (s.ih != 1) {
    const std::string height = fmt::format("ih{}", s.ih);
    return s.iw == s.ih ? height : fmt::format("{}iw{}", height, s.iw);
  }
  return s.iw != 1 ? fmt::format("iw{}", s.iw) : "";
}

}  // namespace flopmeter::normalization
