// Operators that find as much as their data have: with room for the most, and -1 behind the last that was found.
#include <algorithm>
#include <array>
#include <limits>

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {
namespace {

void bind_non_max(const Binding& b) {
  Steps steps(b);
  const Value boxes = steps.in(0);
  const Value scores = steps.in(1);
  const std::int64_t rows = b.view.output_sizes().at(0);
  const std::int64_t lists = scores.dims.at(0) * scores.dims.at(1);
  const auto threshold = [&](std::size_t input, double otherwise) {
    return b.view.has(input) ? steps.in(input) : steps.number(otherwise);
  };
  const std::string shape =
      fmt::format("mb{}c{}n{}m{}center{}", scores.dims[0], scores.dims[1], scores.dims.at(2),
                  rows / lists, b.view.integer("center_point_box", 0));
  steps.finish(steps.layer("nms", shape,
                           {{"boxes", boxes},
                            {"scores", scores},
                            {"overlap", threshold(3, 0)},
                            {"least", threshold(4, std::numeric_limits<float>::lowest())}},
                           {rows, 3}));
}

/// Places in the tensor as one row; of several dimensions, places along each, from a table whose last column is
/// for those that nobody found.
void bind_non_zero(const Binding& b) {
  Steps steps(b);
  const Value x = steps.in(0);
  const std::int64_t count = x.count();
  Value places = steps.layer("nonzero", fmt::format("n{}", count), {{"src", x}}, {count});
  const std::int64_t rank = std::max<std::int64_t>(1, std::ssize(x.dims));
  if (rank == 1) {
    steps.finish(Steps::view(places, {1, count}));
    return;
  }
  std::vector<float> table;
  for (std::size_t axis = 0; axis < x.dims.size(); ++axis) {
    const std::int64_t behind = product_of(x.dims, axis + 1, x.dims.size());
    for (std::int64_t i = 0; i < count; ++i) {
      table.push_back(static_cast<float>(i / behind % x.dims[axis]));
    }
    table.push_back(-1);
  }
  const Value found =
      steps.where(steps.two("less", places, 0), steps.number(static_cast<double>(count)), places);
  steps.finish(steps.gather(steps.constant({rank, count + 1}, std::move(table)), 1, found));
}

constexpr std::array selection_rows_bound{Binder{"", "NonMaxSuppression", bind_non_max},
                                          Binder{"", "NonZero", bind_non_zero}};

}  // namespace

std::span<const Binder> selection_binders() { return selection_rows_bound; }

}  // namespace flopmeter::onnx
