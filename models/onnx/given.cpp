#include "models/onnx/given.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/bad_input.h"

namespace flopmeter::onnx {
namespace {

/// Numbers of a type that networks compute with in f32.
void require_of_type(std::string_view name, Elem elem, const std::vector<double>& numbers) {
  constexpr double most_whole = 16'777'216;  // 2^24
  const bool is_unsigned = elem == Elem::u8 || elem == Elem::u16 || elem == Elem::u32 ||
                           elem == Elem::u64 || elem == Elem::boolean;
  const double most = elem == Elem::boolean ? 1
                      : bits_of(elem) == 8  ? (is_unsigned ? 255 : 127)
                      : bits_of(elem) == 16 ? (is_unsigned ? 65'535 : 32'767)
                                            : most_whole;
  for (const double number : numbers) {
    if (is_float(elem)) {
      continue;
    }
    if (number != std::floor(number) || number > most ||
        number < (is_unsigned ? 0 : std::max(-most - 1, -most_whole))) {
      bad_input("--input {}: {} is no number of {} up to {}", name, number, to_string(elem), most);
    }
  }
}

}  // namespace

std::vector<double> given_numbers(std::string_view name, const models::GivenInput& given, Elem elem,
                                  const std::vector<std::int64_t>& dims, std::int64_t batch) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    count *= dim;
  }
  std::vector<std::int64_t> sample = dims;
  if (!sample.empty() && batch > 1) {
    sample.front() /= batch;
  }
  const auto size = static_cast<std::int64_t>(given.numbers.size());
  const bool repeated = batch > 1 && size * batch == count;
  const bool fits = given.dims ? *given.dims == dims || (repeated && *given.dims == sample)
                               : size == count || size == 1 || repeated;
  if (!fits) {
    bad_input("--input {}: it is {} {}, the input {} elements of dimensions {}", name,
              given.dims ? "an array of dimensions" : "as many numbers as",
              given.dims
                  ? fmt::format("{}", to_string(Dims(given.dims->begin(), given.dims->end())))
                  : fmt::format("{}", size),
              count, to_string(Dims(dims.begin(), dims.end())));
  }
  require_of_type(name, elem, given.numbers);
  std::vector<double> all(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = given.numbers[i % given.numbers.size()];
  }
  return all;
}

bool is_setting(Elem elem, const Dims& dims) {
  return dims.empty() || (!is_float(elem) && dims.size() == 1 && dims[0].is(1));
}

Contents content_of_setting(Elem elem, const std::vector<double>& numbers) {
  if (is_float(elem)) {
    return reals_of(numbers);
  }
  Dims whole;
  for (const double number : numbers) {
    whole.emplace_back(static_cast<std::int64_t>(number));
  }
  return integers_of(std::move(whole));
}

}  // namespace flopmeter::onnx
