// Windows and places that look-ups make: maxima with where they stand, norms over windows, samples of a grid.
#include "models/onnx/bind/sampling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/window.h"

namespace flopmeter::onnx {
namespace {

constexpr std::int64_t first_inexact = 1 << 24;

/// For each place of a window its taps as places in a plane; behind the last one where a tap is padding.
std::vector<float> taps_of(const Window& w, const Sizes& in, const Sizes& out) {
  const auto taps = static_cast<std::size_t>(product_of(w.kernel, 0, w.rank()));
  const auto places = static_cast<std::size_t>(product_of(out, 0, out.size()));
  const std::int64_t pixels = product_of(in, 0, in.size());
  std::vector<float> all;
  for (std::size_t place = 0; place < places; ++place) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      std::int64_t at = 0;
      std::int64_t stride = 1;
      bool inside = true;
      auto o = static_cast<std::int64_t>(place);
      auto k = static_cast<std::int64_t>(tap);
      for (std::size_t i = w.rank(); i-- > 0;) {
        const std::int64_t x =
            o % out[i] * w.strides[i] - w.begin[i] + k % w.kernel[i] * w.dilations[i];
        inside = inside && x >= 0 && x < in[i];
        at += x * stride;
        stride *= in[i];
        o /= out[i];
        k /= w.kernel[i];
      }
      all.push_back(static_cast<float>(inside ? at : pixels));
    }
  }
  return all;
}

}  // namespace

void bind_max_with_places(const Binding& b) {
  if (b.view.integer("storage_order", 0) != 0) {
    bad_input("places counted column by column are not run");
  }
  const Sizes x = b.view.sizes(0);
  const Sizes y = b.view.output_sizes();
  if (product_of(x, 0, x.size()) >= first_inexact) {
    bad_input("places of {} elements: f32, in which networks run, cannot tell so many apart",
              product_of(x, 0, x.size()));
  }
  const Sizes in(x.begin() + 2, x.end());
  const Sizes out(y.begin() + 2, y.end());
  const Window w = read_window(b.view, {in.begin(), in.end()}, b.view.integers_of("kernel_shape"));
  const std::int64_t planes = x[0] * x[1];
  const std::int64_t pixels = product_of(in, 0, in.size());
  const std::int64_t places = product_of(out, 0, out.size());
  const std::int64_t taps = product_of(w.kernel, 0, w.rank());
  Steps steps(b);
  const Value rows = Steps::view(steps.in(0), {planes, pixels});
  const Value padding =
      steps.constant({planes, 1}, std::vector<float>(static_cast<std::size_t>(planes),
                                                     -std::numeric_limits<float>::infinity()));
  const std::vector<float> table = taps_of(w, in, out);
  const Value windows = Steps::view(
      steps.gather(steps.concat(rows, padding, 1), 1, steps.constant({places * taps}, table)),
      {planes, places, taps});
  steps.finish(Steps::view(steps.reduce("reduce_max", windows, {2}), y));
  if (!b.view.wants(1)) {
    return;
  }
  // The first of equal ones, as a place among the taps, in the plane, in the tensor.
  std::vector<float> firsts;
  std::vector<float> planes_before;
  for (std::int64_t i = 0; i < places; ++i) {
    firsts.push_back(static_cast<float>(i * taps));
  }
  for (std::int64_t i = 0; i < planes; ++i) {
    planes_before.push_back(static_cast<float>(i * pixels));
  }
  const Value best = Steps::view(steps.reduce("argmax", windows, {2}), {planes, places});
  const Value tap = steps.two("add", best, steps.constant({1, places}, std::move(firsts)));
  const Value in_plane = Steps::view(
      steps.gather(steps.constant({places * taps}, table), 0, Steps::view(tap, {planes * places})),
      {planes, places});
  steps.finish(
      Steps::view(steps.two("add", in_plane, steps.constant({planes, 1}, std::move(planes_before))),
                  y),
      1);
}

namespace {

/// (sum over a window of |x|^p)^(1/p): a mean that counts padding, which is 0, times the taps.
void bind_norm_pool(const Binding& b) {
  const std::int64_t p = b.view.integer("p", 2);
  if (p != 1 && p != 2) {
    bad_input("with p = {} it is not run", p);
  }
  const Operator* average = find_operator("", "AveragePool");
  const Lowered lowered = average->lower(b.view);
  const Sizes kernel = b.view.integers_of("kernel_shape");
  LayerUse use = lowered.layers.at(0);
  std::erase_if(use.fields, [](const auto& field) { return field.first == "countpad"; });
  use.fields.emplace_back("countpad", 1);
  Steps steps(b);
  const Value x = steps.in(0);
  const Value size = p == 1 ? steps.one("abs", x) : steps.two("mul", x, x);
  const Value mean =
      steps.layer(use.layer, shape_text(use), {{"src", size}}, b.view.output_sizes());
  const Value sum =
      steps.two("mul", mean, static_cast<double>(product_of(kernel, 0, kernel.size())));
  steps.finish(p == 1 ? sum : steps.one("sqrt", sum));
}

/// An axis of a grid of samples: places in the image, and how they are made of -1 to 1.
class GridAxis {
 public:
  GridAxis(Steps& steps, const Binding& b, const Value& grid, std::int64_t which, std::int64_t size)
      : steps_(steps), size_(size) {
    Sizes one = grid.dims;
    one.back() = 1;
    Sizes first(grid.dims.size(), 0);
    first.back() = which;
    const Value x = steps.slice(grid, one, first, Sizes(grid.dims.size(), 1));
    const bool corners = b.view.integer("align_corners", 0) != 0;
    const auto n = static_cast<double>(size);
    // ((x + 1) n - 1) / 2, or (x + 1) / 2 (n - 1) for aligned corners.
    const double factor = corners ? (n - 1) / 2 : n / 2;
    place_ = steps.two("add", steps.two("mul", x, factor), corners ? factor : (n - 1) / 2);
    const std::string_view padding = b.view.text("padding_mode", "zeros");
    if (padding == "border") {
      place_ = clamped(place_);
    } else if (padding == "reflection") {
      place_ = clamped(reflected(place_, corners ? 0 : -0.5, corners ? n - 1 : n - 0.5));
    }
  }

  const Value& place() const { return place_; }
  Value clamped(const Value& x) {
    return steps_.two("min", steps_.two("max", x, 0), static_cast<double>(size_ - 1));
  }
  /// 1 where a whole number is a place of the image, else 0.
  Value inside(const Value& x) {
    return steps_.two("mul", steps_.two("greater_equal", x, 0),
                      steps_.two("less_equal", x, static_cast<double>(size_ - 1)));
  }

 private:
  /// Back and forth between two borders.
  Value reflected(const Value& x, double low, double high) {
    const double span = high - low;
    if (span <= 0) {
      return steps_.two("mul", x, 0);
    }
    const Value from = steps_.one("abs", steps_.two("sub", x, low));
    const Value turns = steps_.one("floor", steps_.two("mul", from, 1 / (2 * span)));
    const Value rest = steps_.two("sub", from, steps_.two("mul", turns, 2 * span));
    // Up to the far border and back: span - |rest - span|.
    const Value back = steps_.one("abs", steps_.two("sub", rest, span));
    return steps_.two("add", steps_.two("sub", steps_.number(span), back), low);
  }

  Steps& steps_;
  std::int64_t size_;
  Value place_ = {};
};

/// A neighbour along one axis and its weight.
struct Neighbour {
  Value place, weight;
};

void bind_grid_sample(const Binding& b) {
  const std::string_view mode = b.view.text("mode", b.view.opset < 20 ? "bilinear" : "linear");
  const Sizes x = b.view.sizes(0);
  if (x.size() != 4 || mode.ends_with("cubic")) {
    bad_input("of mode {} and {} dimensions it is not run", mode, x.size());
  }
  if (x[0] * x[2] * x[3] >= first_inexact) {
    bad_input("places of {} pixels: f32, in which networks run, cannot tell so many apart",
              x[0] * x[2] * x[3]);
  }
  b.draw(1, {-1, 1});
  Steps steps(b);
  const Value grid = steps.in(1);
  GridAxis columns(steps, b, grid, 0, x[3]);
  GridAxis rows(steps, b, grid, 1, x[2]);
  const bool nearest = mode == "nearest";
  const auto neighbours = [&](GridAxis& axis) {
    std::vector<Neighbour> all;
    if (nearest) {
      const Value at = steps.one("round", axis.place());
      all.push_back({axis.clamped(at), axis.inside(at)});
      return all;
    }
    const Value low = steps.one("floor", axis.place());
    const Value share = steps.two("sub", axis.place(), low);
    const Value high = steps.two("add", low, 1);
    all.push_back({axis.clamped(low),
                   steps.two("mul", steps.two("sub", steps.number(1), share), axis.inside(low))});
    all.push_back({axis.clamped(high), steps.two("mul", share, axis.inside(high))});
    return all;
  };
  // Pixels of all samples as rows of their channels.
  const Value pixels =
      Steps::view(steps.transpose(steps.in(0), {0, 2, 3, 1}), {x[0] * x[2] * x[3], x[1]});
  std::vector<float> sample;
  for (std::int64_t i = 0; i < x[0]; ++i) {
    sample.push_back(static_cast<float>(i * x[2] * x[3]));
  }
  const Value before = steps.constant({x[0], 1, 1, 1}, std::move(sample));
  Sizes sampled = grid.dims;
  sampled.back() = x[1];
  std::optional<Value> sum;
  const auto of_columns = neighbours(columns);
  for (const Neighbour& row : neighbours(rows)) {
    for (const Neighbour& column : of_columns) {
      const Value place = steps.two(
          "add",
          steps.two("add", steps.two("mul", row.place, static_cast<double>(x[3])), column.place),
          before);
      const Value found =
          Steps::view(steps.gather(pixels, 0, Steps::view(place, {place.count()})), sampled);
      const Value part = steps.two("mul", found, steps.two("mul", row.weight, column.weight));
      sum = sum ? steps.two("add", *sum, part) : part;
    }
  }
  steps.finish(steps.transpose(*sum, {0, 3, 1, 2}));
}

constexpr std::array sampling_rows{
    Binder{"", "LpPool", bind_norm_pool},
    Binder{"", "GridSample", bind_grid_sample},
};

}  // namespace

std::span<const Binder> sampling_binders() { return sampling_rows; }

}  // namespace flopmeter::onnx
