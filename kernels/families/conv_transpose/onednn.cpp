#include "kernels/families/conv/onednn.h"

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "kernels/families/conv_transpose/conv_transpose.h"

namespace flopmeter::conv_transpose {
namespace {

struct Family {
  using Forward = dnnl::deconvolution_forward;
  using BackwardData = dnnl::deconvolution_backward_data;
  using BackwardWeights = dnnl::deconvolution_backward_weights;
  static constexpr dnnl::algorithm algorithm = dnnl::algorithm::deconvolution_direct;
};

/// Output channels come first for oneDNN, and input channels in memory.
dnnl::memory::desc weights(const conv::Kind& kind, const Shape& s) {
  const dnnl::memory::dims dims = conv::grouped_dims(kind, s, s.ic, s.oc);
  std::vector<int> order(dims.size());
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[s.g == 1 ? 0 : 1], order[s.g == 1 ? 1 : 2]);
  return onednn::plain(dims).permute_axes(order);
}

/// Rows or planes of outputs that no tap reaches: oneDNN 2.6.3 on AVX-512 writes products of other
/// rows there. Columns are right.
bool has_rows_between_taps(const Shape& s) {
  return s.depth().span() < s.sd || s.vertical().span() < s.sh;
}

/// Where it has strides it is the backward pass of a convolution; s8 without any is a convolution.
bool divides_by_zero(const Shape& s, Dtype dtype) {
  const std::int64_t ic = s.ic / s.g;
  const std::int64_t oc = s.oc / s.g;
  return dtype == Dtype::s8 ? !conv::is_strided(s) && conv::divides_by_zero(s, {ic, oc})
                            : conv::is_strided(s) && conv::divides_by_zero(s, {oc, ic});
}

}  // namespace

Preparation prepare_onednn(const conv::Kind& kind, const Shape& s, const Setup& setup,
                           Tensors<float>& tensors) {
  if (setup.dtype == Dtype::s8 && has_rows_between_taps(s)) {
    return Unavailable{
        "oneDNN's s8 transposed convolution is wrong where the kernel is shorter than the stride"};
  }
  if (divides_by_zero(s, setup.dtype)) {
    return Unavailable{std::string(conv::divided_by_zero)};
  }
  const conv::Arguments arguments(kind, s, conv::mirrored(s), weights(kind, s));
  return conv::prepare_family<Family>("transposed convolution", arguments, setup, tensors);
}

}  // namespace flopmeter::conv_transpose
