// A matrix-vector product by Eigen for each matrix of each expert that a token goes to.
#include <Eigen/Core>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/experts/experts.h"

namespace flopmeter::experts {
namespace {

eigen::GemmShape vector_product(std::int64_t in, std::int64_t out, bool bias) {
  return {1, in, out, {in, false}, {in, true}, out, bias};
}

template <class T>
using Row = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
void project(const T* weights, const T* bias, std::int64_t expert, std::int64_t in,
             std::int64_t out, const T* x, T* y) {
  if (bias != nullptr) {
    std::copy_n(bias + expert * out, out, y);
  }
  eigen::gemm(vector_product(in, out, bias != nullptr), x, weights + expert * in * out, y);
}

template <class T>
void clip_and_multiply(const Shape& s, const Row<T>& gated, const Row<T>& linear, Row<T>& hidden) {
  const T most(static_cast<float>(s.clip));
  const Eigen::Array<T, Eigen::Dynamic, 1> gate = gated.min(most);
  hidden = gate / ((-(gate * T(static_cast<float>(clipped_steepness)))).exp() + T(1));
  hidden *= linear.min(most).max(-most) + T(1);
}

template <class T>
void call(const Shape& s, Tensors<T>& t, std::int64_t token, std::int64_t at) {
  const std::int64_t expert = index(t["indices"][at]);
  const T* x = t["src"] + token * s.ic;
  Row<T> linear(t["linear"] + at * s.hid, s.hid);
  Row<T> hidden(t["hidden"] + at * s.hid, s.hid);
  project<T>(t["up"], t["up_bias"], expert, s.ic, s.hid, x, linear.data());
  if (s.swiglu != 0) {
    Row<T> gated(t["gated"] + at * s.hid, s.hid);
    project<T>(t["gate"], t["gate_bias"], expert, s.ic, s.hid, x, gated.data());
    if (s.clip != 0) {
      clip_and_multiply<T>(s, gated, linear, hidden);
    } else {
      hidden = gated / ((-gated).exp() + T(1));
      hidden *= linear;
    }
  } else {
    hidden = linear.max(T(0));
  }
  Row<T> result(t["results"] + at * s.ic, s.ic);
  project<T>(t["down"], t["down_bias"], expert, s.hid, s.ic, hidden.data(), result.data());
}

/// A token's results, each times its share.
template <class T>
void combine(const Shape& s, Tensors<T>& t, std::int64_t token) {
  const std::int64_t first = token * s.active;
  eigen::gemm({1, s.active, s.ic, {s.active, false}, {s.ic, false}, s.ic, false},
              static_cast<const T*>(t["shares"] + first),
              static_cast<const T*>(t["results"] + first * s.ic), t["dst"] + token * s.ic);
}

template <class T>
void run(const Shape& s, Tensors<T>& tensors, int threads) {
  eigen::share(s.mb, threads, [&](std::int64_t token) {
    for (std::int64_t j = 0; j < s.active; ++j) {
      call(s, tensors, token, token * s.active + j);
    }
    combine(s, tensors, token);
  });
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{
      .run = [shape, &tensors, threads = setup.threads] { run(shape, tensors, threads); },
      .implementation = "Eigen product for each expert of a token"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  run(shape, tensors, 1);
}

OpCounts stated_eigen(const Shape& s, Pass) {
  const bool bias = s.bias != 0;
  return s.calls() * (s.inner() * eigen::gemm_counts(vector_product(s.ic, s.hid, bias)) +
                      s.hid * activation_counts(s) +
                      eigen::gemm_counts(vector_product(s.hid, s.ic, bias))) +
         s.mb *
             eigen::gemm_counts({1, s.active, s.ic, {s.active, false}, {s.ic, false}, s.ic, false});
}

}  // namespace flopmeter::experts
