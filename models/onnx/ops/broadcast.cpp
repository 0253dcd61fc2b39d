#include "models/onnx/ops/broadcast.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace flopmeter::onnx {
namespace {

Dim together(const Dim& a, const Dim& b) {
  if (a == b || b.is(1)) {
    return a;
  }
  if (a.is(1)) {
    return b;
  }
  if (a.known() && b.known()) {
    bad_input("dimensions {} and {} cannot be broadcast", a.value(), b.value());
  }
  // Only one of them can be known, and above 1, or else it would be either.
  return a.known() && a.value() > 1   ? a
         : b.known() && b.value() > 1 ? b
                                      : Dim::unknown("max(" + a.text() + "," + b.text() + ")");
}

Dim aligned(const Dims& dims, std::size_t rank, std::size_t i) {
  const std::size_t missing = rank - dims.size();
  return i < missing ? Dim(1) : dims[i - missing];
}

}  // namespace

Dims broadcast(const Dims& a, const Dims& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Dims out;
  for (std::size_t i = 0; i < rank; ++i) {
    out.push_back(together(aligned(a, rank, i), aligned(b, rank, i)));
  }
  return out;
}

std::int64_t source_of(std::int64_t i, const Dims& out, const Dims& in) {
  std::int64_t index = 0;
  std::int64_t stride = 1;
  for (std::size_t back = 1; back <= out.size(); ++back) {
    const std::int64_t size = out[out.size() - back].value();
    const std::int64_t at = size == 0 ? 0 : i % size;
    i = size == 0 ? 0 : i / size;
    if (back <= in.size()) {
      const std::int64_t own = in[in.size() - back].value();
      index += own == 1 ? 0 : at * stride;
      stride *= own;
    }
  }
  return index;
}

std::string shape_text(const std::vector<std::int64_t>& sizes) {
  return sizes.empty() ? "1" : fmt::format("{}", fmt::join(sizes, "x"));
}

LayerUse unary_use(std::string_view layer, std::int64_t count, std::string label) {
  return {layer, {{"mb", 1}, {"ic", count}}, std::move(label)};
}

LayerUse binary_use(std::string_view layer, std::vector<std::int64_t> a,
                    std::vector<std::int64_t> b, std::string label) {
  const std::size_t rank = std::max({a.size(), b.size(), std::size_t{1}});
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  LayerUse use{layer, {}, std::move(label)};
  use.text = shape_text(a) + ":" + shape_text(b);
  return use;
}

}  // namespace flopmeter::onnx
