#include "kernels/families/conv/onednn.h"

#include <algorithm>
#include <array>
#include <string>

#include "kernels/families/conv/convolution.h"

namespace flopmeter::conv {
namespace {

/// Direct, not auto: Winograd does other operations than the formula counts.
struct Family {
  using Forward = dnnl::convolution_forward;
  using BackwardData = dnnl::convolution_backward_data;
  using BackwardWeights = dnnl::convolution_backward_weights;
  static constexpr dnnl::algorithm algorithm = dnnl::algorithm::convolution_direct;
};

bool sees_whole_kernel(const Axis& axis) {
  for (std::int64_t o = 0; o < axis.out; ++o) {
    const TapRange taps = axis.taps(o);
    if (taps.end - taps.begin == axis.kernel) {
      return true;
    }
  }
  return false;
}

/// brgemm's convolution makes the code that writes a bias alone for the ends of rows, and calls it
/// for whole rows where no output of a row reads input: a call of nothing in 184 of 274 such shapes
/// that were tried with 3.7.2, in none of 3,175 others. Of the other axes it looks for the like.
bool calls_code_not_made(const Shape& convolution, const Setup& setup) {
  return onednn::is_at_least(3, 0) && setup.pass == Pass::forward && setup.dtype == Dtype::f32 &&
         convolution.horizontal().coverage().taps == 0;
}

}  // namespace

bool is_strided(const Shape& s) {
  return std::ranges::any_of(s.axes(), [](const Axis& axis) { return axis.stride > 1; });
}

bool divides_by_zero(const Shape& s, Channels channels) {
  static constexpr std::array<Channels, 5> divided{
      {{1024, 2048}, {1024, 512}, {256, 1024}, {512, 1024}, {512, 2048}}};
  return onednn::is_at_least(3, 0) && s.taps() == 1 &&
         std::ranges::all_of(s.axes(), [](const Axis& axis) { return axis.pad == 0; }) &&
         std::ranges::find(divided, channels) != divided.end();
}

namespace {

/// Whether it tries brgemm's kernels of one tap with these numbers.
bool tries_brgemm(const Setup& setup) {
  switch (setup.dtype) {
    case Dtype::f32:
      return onednn::uses_isa(dnnl_cpu_isa_avx2);
    case Dtype::bf16:
      return onednn::uses_isa(dnnl_cpu_isa_avx512_core_bf16);
    default:
      return onednn::uses_isa(dnnl_cpu_isa_avx512_core);
  }
}

/// Whether a convolution that divides by zero is described at all.
bool divides_by_zero(const Shape& s, const Setup& setup) {
  const bool is_chosen =
      setup.pass == Pass::forward || (setup.pass == Pass::backward_data && is_strided(s));
  return is_chosen && tries_brgemm(setup) && divides_by_zero(s, {s.ic / s.g, s.oc / s.g});
}

}  // namespace

memory::desc in_blocks(const memory::dims& dims, memory::data_type type, std::int64_t block) {
  using Tag = memory::format_tag;
  static constexpr std::array<Tag, 3> by_16{Tag::nCw16c, Tag::nChw16c, Tag::nCdhw16c};
  static constexpr std::array<Tag, 3> by_8{Tag::nCw8c, Tag::nChw8c, Tag::nCdhw8c};
  return {dims, type, (block == 16 ? by_16 : by_8).at(dims.size() - 3)};
}

memory::dims grouped_dims(const Kind& kind, const Shape& s, std::int64_t first,
                          std::int64_t second) {
  memory::dims weights = dims(kind, s, first / s.g, second / s.g, &Axis::kernel);
  if (s.g != 1) {
    weights.insert(weights.begin(), s.g);
  }
  return weights;
}

Arguments::Arguments(const Kind& kind, const Shape& s, const Shape& mirror_or_self,
                     const memory::desc& plain_weights)
    : convolution(mirror_or_self),
      src(dims(kind, s, s.mb, s.ic, &Axis::in)),
      dst(dims(kind, s, s.mb, s.oc, &Axis::out)),
      weights(plain_weights),
      bias(onednn::bias_if(s.bias != 0, {s.oc})) {
  for (std::size_t i = kind.first_axis(); i < 3; ++i) {
    const Axis axis = mirror_or_self.axes()[i];
    strides.push_back(axis.stride);
    gaps.push_back(axis.gap);
    pad_before.push_back(axis.pad);
    pad_after.push_back(axis.pad_after());
  }
}

// Found with oneDNN 2.6.3 on AVX-512: 4 planes of 4 x 4, kernel 4, stride 2, padding 1 leave some
// of the gradients of weights uninitialised. In f32, a kernel that is deeper than the strided input
// writes behind them: 2 planes, kernel 4, stride 2, padding 3 corrupt the heap.
std::optional<Unavailable> known_wrong(const Shape& convolution, const Setup& setup) {
  const Axis depth = convolution.depth();
  const bool strided = depth.stride > 1 && depth.out > 1;
  if (setup.pass != Pass::backward_weights || !strided) {
    return std::nullopt;
  }
  if (setup.dtype == Dtype::bf16 && !sees_whole_kernel(depth)) {
    return Unavailable{
        "oneDNN's bf16 gradients of weights are wrong where every output plane of a strided "
        "convolution touches the padding"};
  }
  const bool in_whole_vectors = convolution.g == 1 && convolution.oc % 16 == 0;  // else by GEMM
  if (setup.dtype == Dtype::f32 && in_whole_vectors && depth.in < depth.kernel) {
    return Unavailable{
        "oneDNN's f32 gradients of weights are written out of bounds where a strided kernel is "
        "deeper than its input"};
  }
  return std::nullopt;
}

Preparation prepare_onednn(const Kind& kind, const Shape& s, const Setup& setup,
                           Tensors<float>& tensors) {
  if (calls_code_not_made(s, setup)) {
    return Unavailable{
        "oneDNN's f32 convolution crashes where no output of a row reads input (seen in 3.7.2)"};
  }
  const memory::desc weights = onednn::plain(grouped_dims(kind, s, s.oc, s.ic));
  Arguments arguments(kind, s, s, weights);
  if (divides_by_zero(s, setup)) {
    if (size_of(setup.dtype) == 1) {
      return Unavailable{std::string(divided_by_zero)};
    }
    arguments.channel_block = onednn::uses_isa(dnnl_cpu_isa_avx512_core) ? 16 : 8;
  }
  return prepare_family<Family>("convolution", arguments, setup, tensors);
}

}  // namespace flopmeter::conv
