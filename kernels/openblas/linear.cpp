#include "kernels/openblas/gemm.h"
#include "kernels/openblas/openblas.h"

namespace flopmeter::openblas {
namespace {

void linear_forward(const Library& blas, const linear::Shape& s, Tensors<float>& t) {
  const float* bias = t["bias"];
  if (bias != nullptr) {
    fill_rows(bias, s.mb, s.oc, t["dst"]);
  }
  gemm(blas, {s.mb, s.features(), s.oc}, {t["src"]}, {t["weights"], true}, t["dst"],
       bias != nullptr);
}

void linear_backward_data(const Library& blas, const linear::Shape& s, Tensors<float>& t) {
  gemm(blas, {s.mb, s.oc, s.features()}, {t["diff_dst"]}, {t["weights"]}, t["diff_src"]);
}

void linear_backward_weights(const Library& blas, const linear::Shape& s, Tensors<float>& t) {
  gemm(blas, {s.oc, s.mb, s.features()}, {t["diff_dst"], true}, {t["src"]}, t["diff_weights"]);
  if (float* sums = t["diff_bias"]) {
    sum_rows(blas, t["diff_dst"], s.mb, s.oc, sums);
  }
}

}  // namespace

Preparation prepare(const linear::Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return prepared(setup, {s.mb, s.features(), s.oc},
                  [s, pass = setup.pass, &tensors](const Library& blas) {
                    switch (pass) {
                      case Pass::forward:
                        return linear_forward(blas, s, tensors);
                      case Pass::backward_data:
                        return linear_backward_data(blas, s, tensors);
                      case Pass::backward_weights:
                        return linear_backward_weights(blas, s, tensors);
                    }
                  });
}

}  // namespace flopmeter::openblas
