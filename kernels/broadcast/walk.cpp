#include "kernels/broadcast/walk.h"

#include <algorithm>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"

namespace flopmeter::broadcast {
namespace {

/// Which sources are repeated along a dimension.
std::vector<bool> repeated(const Shape& shape, const Dims& result, std::size_t dimension) {
  std::vector<bool> flags;
  for (const Dims& source : shape.sources) {
    flags.push_back(source[dimension] < result[dimension]);
  }
  return flags;
}

Dims strides_of(const Dims& source) {
  Dims strides = dims::strides(source);
  for (std::size_t i = 0; i < source.size(); ++i) {
    strides[i] = source[i] == 1 ? 0 : strides[i];
  }
  return strides;
}

}  // namespace

Dims Shape::result() const {
  Dims largest = sources.front();
  for (const Dims& source : sources) {
    std::ranges::transform(largest, source, largest.begin(),
                           [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
  }
  return largest;
}

std::int64_t Shape::repetitions(std::size_t source) const {
  return dims::product(result()) / dims::product(sources[source]);
}

void check(const Shape& shape, std::string_view layer) {
  const Dims result = shape.result();
  for (const Dims& source : shape.sources) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (source[i] != result[i] && source[i] != 1) {
        bad_input("{}: dimensions {} and {} must be equal, or one of them 1", layer, source[i],
                  result[i]);
      }
    }
  }
}

Shape merged(const Shape& shape) {
  const Dims result = shape.result();
  Shape short_one{std::vector<Dims>(shape.sources.size())};
  std::vector<bool> before;
  for (std::size_t d = 0; d < result.size(); ++d) {
    if (result[d] == 1) {
      continue;
    }
    const std::vector<bool> now = repeated(shape, result, d);
    for (std::size_t s = 0; s < shape.sources.size(); ++s) {
      Dims& to = short_one.sources[s];
      if (now == before) {
        to.back() = checked_multiply(to.back(), shape.sources[s][d]);
      } else {
        to.push_back(shape.sources[s][d]);
      }
    }
    before = now;
  }
  for (Dims& source : short_one.sources) {
    source = source.empty() ? Dims{1} : source;
  }
  return short_one;
}

Walk::Walk(const Shape& whole) {
  const Shape shape = merged(whole);
  result_ = shape.result();
  for (std::size_t s = 0; s < shape.sources.size(); ++s) {
    strides_.push_back(strides_of(shape.sources[s]));
    repetitions_.push_back(shape.repetitions(s));
  }
}

}  // namespace flopmeter::broadcast
