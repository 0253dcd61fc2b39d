#include "models/onnx/bind/heads.h"

#include <limits>

#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

constexpr double unseen = -std::numeric_limits<double>::infinity();

/// Matrices side by side; `turned`: those of b lie n x k.
Value matrices(Steps& steps, const Value& a, const Value& b, bool turned) {
  const std::int64_t n = b.dims[turned ? 1 : 2];
  const Sizes as_product{b.dims[0], a.dims[2], n};
  return steps.layer("matmul",
                     shape_text(a.dims) + ":" + shape_text(as_product) + (turned ? "_tb1" : ""),
                     {{"src", a}, {"weights", b}}, {a.dims[0], a.dims[1], n});
}

/// 0 for keys that a query sees, up to its own position and no farther than the window.
Value causal_bias(Steps& steps, const HeadsAttention& x) {
  const std::int64_t queries = x.q.dims[2];
  const std::int64_t keys = x.k.dims[2];
  std::vector<float> bias;
  for (std::int64_t i = x.first; i < x.first + queries; ++i) {
    for (std::int64_t j = 0; j < keys; ++j) {
      const bool sees = j <= i && (x.window <= 0 || i - j < x.window);
      bias.push_back(sees ? 0 : static_cast<float>(unseen));
    }
  }
  return steps.constant({queries, keys}, std::move(bias));
}

}  // namespace

Value attended_by_heads(Steps& steps, const HeadsAttention& x) {
  const Sizes& q = x.q.dims;
  const Sizes& k = x.k.dims;
  const Sizes& v = x.v.dims;
  // Queries of a group lie behind each other: they are rows of one matrix.
  const std::int64_t matrices_of_keys = k[0] * k[1];
  const std::int64_t rows = q[1] / k[1] * q[2];
  Value scores = matrices(steps, Steps::view(x.q, {matrices_of_keys, rows, q[3]}),
                          Steps::view(x.k, {matrices_of_keys, k[2], k[3]}), true);
  scores = steps.two("mul", scores, x.scale);
  if (x.softcap != 0) {
    scores =
        steps.two("mul", steps.one("tanh", steps.two("mul", scores, 1 / x.softcap)), x.softcap);
  }
  scores = Steps::view(scores, {q[0], q[1], q[2], k[2]});
  scores = x.bias ? steps.two("add", scores, *x.bias) : scores;
  scores = x.causal ? steps.two("add", scores, causal_bias(steps, x)) : scores;
  const Value shares = steps.layer("softmax", fmt::format("mb{}c{}", scores.count() / k[2], k[2]),
                                   {{"src", scores}}, {matrices_of_keys, rows, k[2]});
  const Value y = matrices(steps, shares, Steps::view(x.v, {matrices_of_keys, v[2], v[3]}), false);
  return Steps::view(y, {q[0], q[1], q[2], v[3]});
}

Value bias_of_mask(Steps& steps, const Value& mask, double otherwise) {
  return steps.where(mask, steps.number(0), steps.number(otherwise));
}

Value to_heads(Steps& steps, const Value& x, std::int64_t heads) {
  const Sizes& d = x.dims;
  return steps.transpose(Steps::view(x, {d[0], d[1], heads, d[2] / heads}), {0, 2, 1, 3});
}

Value from_heads(Steps& steps, const Value& x) {
  const Value y = steps.transpose(x, {0, 2, 1, 3});
  return Steps::view(y, {y.dims[0], y.dims[1], y.dims[2] * y.dims[3]});
}

Value rotated(Steps& steps, const Value& x, const Value& cosines, const Value& sines,
              bool neighbours) {
  const std::int64_t pairs = cosines.dims.back();
  const std::size_t last = x.dims.size() - 1;
  Sizes half = x.dims;
  half[last] = pairs;
  const auto part = [&](std::int64_t from, std::int64_t stride) {
    Sizes first(x.dims.size(), 0);
    Sizes strides(x.dims.size(), 1);
    first[last] = from;
    strides[last] = stride;
    return steps.slice(x, half, first, strides);
  };
  const Value a = neighbours ? part(0, 2) : part(0, 1);
  const Value b = neighbours ? part(1, 2) : part(pairs, 1);
  Value turned_a = steps.two("sub", steps.two("mul", a, cosines), steps.two("mul", b, sines));
  Value turned_b = steps.two("add", steps.two("mul", a, sines), steps.two("mul", b, cosines));
  Sizes both = x.dims;
  both[last] = 2 * pairs;
  Value y = turned_a;
  if (neighbours) {
    Sizes alone = half;
    alone.push_back(1);
    y = Steps::view(
        steps.concat(Steps::view(turned_a, alone), Steps::view(turned_b, alone), alone.size() - 1),
        both);
  } else {
    y = steps.concat(turned_a, turned_b, last);
  }
  if (2 * pairs == x.dims[last]) {
    return y;
  }
  Sizes rest = x.dims;
  rest[last] -= 2 * pairs;
  Sizes first(x.dims.size(), 0);
  first[last] = 2 * pairs;
  return steps.concat(y, steps.slice(x, rest, first, Sizes(x.dims.size(), 1)), last);
}

}  // namespace flopmeter::onnx
