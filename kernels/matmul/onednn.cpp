#include "kernels/matmul/matmul.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::matmul {
namespace {

/// Two dimensions where the batch is 1: oneDNN has more kernels for them.
dnnl::memory::dims dims(const Shape& s, std::int64_t batch, std::int64_t rows,
                        std::int64_t columns) {
  if (s.batch() == 1) {
    return {rows, columns};
  }
  return {batch, rows, columns};
}

/// A matrix as it lies in Tensors, by columns when transposed.
dnnl::memory::desc stored(dnnl::memory::dims dims, bool transposed) {
  if (!transposed) {
    return onednn::plain(dims);
  }
  const int last = static_cast<int>(dims.size()) - 1;
  std::swap(dims[last - 1], dims[last]);
  return last == 1 ? onednn::plain(dims).permute_axes({1, 0})
                   : onednn::plain(dims).permute_axes({0, 2, 1});
}

onednn::Plan plan(const Shape& s, dnnl::memory::data_type type) {
  const dnnl::memory::dims src = dims(s, s.ba, s.m, s.k);
  const dnnl::memory::dims weights = dims(s, s.bb, s.k, s.n);
  const dnnl::memory::dims dst = dims(s, s.batch(), s.m, s.n);
  const dnnl::memory::desc bias = onednn::bias_if(s.bias != 0, dims(s, 1, 1, s.n));
  const auto description = onednn::describe<dnnl::matmul>(onednn::any_layout(src, type),
                                                          onednn::any_layout(weights, type), bias,
                                                          onednn::any_layout(dst, type));
  return {dnnl::matmul(description),
          description.impl_info_str(),
          {{DNNL_ARG_SRC, "src", stored(src, s.ta != 0), description.src_desc()},
           {DNNL_ARG_WEIGHTS, "weights", stored(weights, s.tb != 0), description.weights_desc()},
           {DNNL_ARG_BIAS, "bias", bias, bias},
           {DNNL_ARG_DST, "dst", onednn::plain(dst), description.dst_desc()}}};
}

}  // namespace

Preparation prepare_onednn(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return onednn::prepare("matmul", setup, tensors,
                         [&](dnnl::memory::data_type type) { return plan(s, type); });
}

}  // namespace flopmeter::matmul
