// One sgemm for each product of matrices; one for all where they share B and lie behind each other.
#include "kernels/openblas/gemm.h"
#include "kernels/openblas/openblas.h"

namespace flopmeter::openblas {
namespace {

using matmul::Axes;
using matmul::place;
using matmul::Place;
using matmul::Shape;
using matmul::total;

/// One product: its matrix of C, and those of A and B, which others share where axes are broadcast.
struct Sample {
  const Library& blas;
  const Shape& s;
  std::int64_t c_matrix;
  Place a_matrix, b_matrix;

  std::int64_t a() const { return a_matrix.at * s.m * s.k; }
  std::int64_t b() const { return b_matrix.at * s.k * s.n; }
  std::int64_t c() const { return c_matrix * s.m * s.n; }
};

void forward_sample(const Sample& at, Tensors<float>& t) {
  const Shape& s = at.s;
  const float* bias = t["bias"];
  float* c = t["dst"] + at.c();
  if (bias != nullptr) {
    fill_rows(bias, s.m, s.n, c);
  }
  gemm(at.blas, {s.m, s.k, s.n}, {t["src"] + at.a(), s.ta != 0}, {t["weights"] + at.b(), s.tb != 0},
       c, bias != nullptr);
}

/// dA = dC * B^T, or dA^T = B * dC^T where A is stored transposed.
void backward_data_sample(const Sample& at, Tensors<float>& t) {
  const Shape& s = at.s;
  const Factor dc{t["diff_dst"] + at.c()};
  const float* b = t["weights"] + at.b();
  float* da = t["diff_src"] + at.a();
  const bool onto = !at.a_matrix.first;
  if (s.ta == 0) {
    gemm(at.blas, {s.m, s.n, s.k}, dc, {b, s.tb == 0}, da, onto);
  } else {
    gemm(at.blas, {s.k, s.n, s.m}, {b, s.tb != 0}, {dc.data, true}, da, onto);
  }
}

/// dB = A^T * dC, or dB^T = dC^T * A where B is stored transposed.
void backward_weights_sample(const Sample& at, Tensors<float>& t) {
  const Shape& s = at.s;
  const float* dc = t["diff_dst"] + at.c();
  const float* a = t["src"] + at.a();
  float* db = t["diff_weights"] + at.b();
  const bool onto = !at.b_matrix.first;
  if (s.tb == 0) {
    gemm(at.blas, {s.k, s.m, s.n}, {a, s.ta == 0}, {dc}, db, onto);
  } else {
    gemm(at.blas, {s.n, s.m, s.k}, {dc, true}, {a, s.ta != 0}, db, onto);
  }
  if (float* sums = t["diff_bias"]) {
    sum_rows(at.blas, dc, s.m, s.n, sums, at.c_matrix > 0);
  }
}

void compute_sample(const Sample& at, Pass pass, Tensors<float>& tensors) {
  switch (pass) {
    case Pass::forward:
      return forward_sample(at, tensors);
    case Pass::backward_data:
      return backward_data_sample(at, tensors);
    case Pass::backward_weights:
      return backward_weights_sample(at, tensors);
  }
}

}  // namespace

Preparation prepare(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  const Shape s = shape.folded();
  return prepared(setup, {s.m, s.k, s.n}, [s, pass = setup.pass, &tensors](const Library& blas) {
    const Axes axes = s.c();
    for (std::int64_t i = 0; i < total(axes); ++i) {
      compute_sample({blas, s, i, place(s.a(), axes, i), place(s.b(), axes, i)}, pass, tensors);
    }
  });
}

}  // namespace flopmeter::openblas
