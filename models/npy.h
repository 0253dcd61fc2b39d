// Arrays of NumPy's .npy files (numpy.lib.format, versions 1 to 3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter::models {

struct NpyArray {
  std::string type;  // as NumPy writes it, without the byte order: f4, i8, b1
  std::vector<std::int64_t> dims;
  std::vector<double> numbers;  // row-major, whatever order the file has
};

/// Booleans, integers and real numbers of up to 64 bits, little-endian. Throws BadInput without the file's name: what is
/// wrong with it, in one line.
NpyArray parse_npy(std::string_view bytes);

}  // namespace flopmeter::models
