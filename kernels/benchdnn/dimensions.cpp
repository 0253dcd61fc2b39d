#include "kernels/benchdnn/dimensions.h"

#include <charconv>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "kernels/benchdnn/options.h"

namespace flopmeter::benchdnn {
namespace {

std::int64_t parse_dimension(const std::string& text, std::string_view whole, std::int64_t lowest) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value == 0 && lowest > 0) {
    bad_input("shape '{}': a tensor without elements, of which nothing is computed", whole);
  }
  if (error != std::errc() || end != text.data() + text.size() || value < lowest) {
    bad_input("shape '{}': '{}' is no dimension: write integers from 1 with x between them", whole,
              text);
  }
  return value;
}

}  // namespace

std::vector<Dimensions> parse_tensors(std::string_view text, std::size_t wanted,
                                      std::int64_t lowest) {
  std::vector<Dimensions> tensors;
  for (const std::string& tensor : split(text, ':')) {
    Dimensions dims;
    for (const std::string& dim : split(tensor, 'x')) {
      dims.push_back(parse_dimension(dim, text, lowest));
    }
    tensors.push_back(std::move(dims));
  }
  if (wanted != 0 && tensors.size() != wanted) {
    bad_input("shape '{}': {} tensors instead of {}, with colons between them", text,
              tensors.size(), wanted);
  }
  return tensors;
}

std::int64_t product(const Dimensions& dims, std::size_t from, std::size_t to) {
  std::int64_t result = 1;
  for (std::size_t i = from; i < to; ++i) {
    result = checked_multiply(result, dims.at(i));
  }
  return result;
}

}  // namespace flopmeter::benchdnn
