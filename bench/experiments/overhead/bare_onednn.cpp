#include "bench/experiments/overhead/bare_onednn.h"

#ifdef FLOPMETER_HAS_ONEDNN

#include <omp.h>

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>

#include "kernels/onednn/describe.h"

namespace flopmeter::overhead {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

constexpr auto f32 = memory::data_type::f32;
constexpr auto any = memory::format_tag::any;

/// Memory of normal numbers: zeros and denormals may take another time.
memory filled(const memory::desc& desc) {
  memory filled(desc, onednn::engine());
  auto* data = static_cast<float*>(filled.get_data_handle());
  for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i) {
    data[i] = static_cast<float>(1 + i * 7919 % 127) / 128;
  }
  return filled;
}

template <class Primitive>
Sampler execute(const typename Primitive::primitive_desc& desc, const Arguments& arguments) {
  return sampler(
      [primitive = Primitive(desc), arguments, stream = dnnl::stream(onednn::engine())]() mutable {
        primitive.execute(stream, arguments);
        stream.wait();
      });
}

}  // namespace

Sampler bare_onednn_matmul(std::int64_t n) {
  omp_set_num_threads(1);
  const memory::desc matrix({n, n}, f32, any);
  const auto desc = onednn::describe<dnnl::matmul>(matrix, matrix, matrix);
  return execute<dnnl::matmul>(desc, {{DNNL_ARG_SRC, filled(desc.src_desc())},
                                      {DNNL_ARG_WEIGHTS, filled(desc.weights_desc())},
                                      {DNNL_ARG_DST, filled(desc.dst_desc())}});
}

Sampler bare_onednn_conv(std::int64_t channels, std::int64_t size) {
  omp_set_num_threads(1);
  const memory::desc image({1, channels, size, size}, f32, any);
  const memory::desc weights({channels, channels, 3, 3}, f32, any);
  const memory::desc bias({channels}, f32, memory::format_tag::x);
  const memory::dims ones{1, 1};
  const memory::dims dense{0, 0};
  const auto desc = onednn::describe<dnnl::convolution_forward>(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, image, weights, bias,
      image, ones, dense, ones, ones);
  return execute<dnnl::convolution_forward>(desc, {{DNNL_ARG_SRC, filled(desc.src_desc())},
                                                   {DNNL_ARG_WEIGHTS, filled(desc.weights_desc())},
                                                   {DNNL_ARG_BIAS, filled(bias)},
                                                   {DNNL_ARG_DST, filled(desc.dst_desc())}});
}

}  // namespace flopmeter::overhead

#endif
