// Operators of which constants say which element goes where, or that say it of the largest alone.
#include <array>
#include <numeric>

#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// Integers that are the same in every run.
std::vector<float> known_numbers(const Binding& b, std::size_t input, std::string_view what) {
  if (const Content* content = b.view.content(input);
      content != nullptr && !content->real && all_known(content->integers)) {
    std::vector<float> all;
    for (const Dim& one : content->integers) {
      all.push_back(static_cast<float>(one.value()));
    }
    return all;
  }
  if (const auto given = b.builder.given(b.node.inputs.at(input))) {
    return *given;
  }
  if (!b.builder.is_constant(b.in(input))) {
    bad_input("{} that only a run knows are not run", what);
  }
  return b.builder.numbers(b.in(input))();
}

/// Elements of an axis, or of all of it as one row, where the condition is true.
void bind_compress(const Binding& b) {
  const std::vector<float> kept = known_numbers(b, 1, "conditions");
  Steps steps(b);
  Value x = steps.in(0);
  std::size_t axis = 0;
  if (b.view.attribute("axis") == nullptr) {
    x = Steps::view(x, {x.count()});
  } else {
    axis = b.view.axis(b.view.integer("axis", 0), b.view.rank(0));
  }
  std::vector<float> places;
  for (std::size_t i = 0; i < kept.size() && static_cast<std::int64_t>(i) < x.dims[axis]; ++i) {
    if (kept[i] != 0) {
      places.push_back(static_cast<float>(i));
    }
  }
  const auto count = static_cast<std::int64_t>(places.size());
  if (b.view.output_sizes() != [&] {
        Sizes y = x.dims;
        y[axis] = count;
        return y;
      }()) {
    bad_input("what its result has depends on the data");
  }
  steps.finish(steps.gather(x, axis, steps.constant({count}, std::move(places))));
}

/// 1 on a diagonal, k columns to the right.
void bind_eye(const Binding& b) {
  const Sizes y = b.view.output_sizes();
  const std::int64_t k = b.view.integer("k", 0);
  std::vector<float> all;
  for (std::int64_t i = 0; i < y.at(0); ++i) {
    for (std::int64_t j = 0; j < y.at(1); ++j) {
      all.push_back(j - i == k ? 1 : 0);
    }
  }
  Steps steps(b);
  steps.finish(steps.one("cast", steps.constant(y, std::move(all))));
}

/// The first elements of each sequence backwards, as many as its length says.
void bind_reverse_sequence(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::size_t times = b.view.axis(b.view.integer("time_axis", 0), b.view.rank(0));
  const std::size_t samples = b.view.axis(b.view.integer("batch_axis", 1), b.view.rank(0));
  if (times + samples != 1) {
    bad_input("axes of time and of samples other than the first two are not run");
  }
  const std::vector<float> lengths = known_numbers(b, 1, "lengths of sequences");
  std::vector<float> places(static_cast<std::size_t>(x[0] * x[1]));
  for (std::int64_t t = 0; t < x[times]; ++t) {
    for (std::int64_t s = 0; s < x[samples]; ++s) {
      const auto length = static_cast<std::int64_t>(lengths.at(static_cast<std::size_t>(s)));
      const std::int64_t from = t < length ? length - 1 - t : t;
      const auto at = [&](std::int64_t time) {
        return times == 0 ? time * x[1] + s : s * x[1] + time;
      };
      places[static_cast<std::size_t>(at(t))] = static_cast<float>(at(from));
    }
  }
  Steps steps(b);
  const Value rows = Steps::view(steps.in(0), {x[0] * x[1], product_of(x, 2, x.size())});
  steps.finish(steps.gather(rows, 0, steps.constant({x[0] * x[1]}, std::move(places))));
}

/// 1 where the first of the largest stands. Below opset 13 all from the axis on is one row.
void bind_hardmax(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const std::size_t axis =
      b.view.axis(b.view.integer("axis", b.view.opset < 13 ? 1 : -1), b.view.rank(0));
  const std::size_t end = b.view.opset < 13 ? x.size() : axis + 1;
  const std::int64_t length = product_of(x, axis, end);
  Steps steps(b);
  const Value rows =
      Steps::view(steps.in(0), {product_of(x, 0, axis), length, product_of(x, end, x.size())});
  std::vector<float> places(static_cast<std::size_t>(length));
  std::iota(places.begin(), places.end(), 0.0F);
  steps.finish(steps.two("equal", steps.constant({1, length, 1}, std::move(places)),
                         steps.reduce("argmax", rows, {1})));
}

constexpr std::array pattern_rows{
    Binder{"", "Compress", bind_compress},
    Binder{"", "EyeLike", bind_eye},
    Binder{"", "ReverseSequence", bind_reverse_sequence},
    Binder{"", "Hardmax", bind_hardmax},
};

}  // namespace

std::span<const Binder> pattern_binders() { return pattern_rows; }

}  // namespace flopmeter::onnx
