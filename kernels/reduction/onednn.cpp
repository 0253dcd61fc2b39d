// oneDNN's reduction primitive, and what it calls each function.
#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"
#include "kernels/reduction/reduction.h"

namespace flopmeter::reduction {
namespace {

using enum dnnl::algorithm;

struct Algorithm {
  std::string_view name;
  dnnl::algorithm kind;
  float p = 0;
};

constexpr std::array algorithms{
    Algorithm{"reduce_sum", reduction_sum},
    Algorithm{"reduce_mean", reduction_mean},
    Algorithm{"reduce_max", reduction_max},
    Algorithm{"reduce_min", reduction_min},
    Algorithm{"reduce_prod", reduction_mul},
    Algorithm{"reduce_l1", reduction_norm_lp_sum, 1},
    Algorithm{"reduce_l2", reduction_norm_lp_sum, 2},
    Algorithm{"reduce_sum_square", reduction_norm_lp_power_p_sum, 2},
};

dnnl::memory::dims without(const Dims& dims, std::size_t leading) {
  return {dims.begin() + static_cast<std::ptrdiff_t>(leading), dims.end()};
}

onednn::PrimitivePlan plan(const Algorithm& algorithm, const dnnl::memory::dims& from,
                           const dnnl::memory::dims& to, const onednn::Types& types) {
  const dnnl::memory::desc src = onednn::row_major(from, types.src);
  const dnnl::memory::desc dst = onednn::row_major(to, types.src);
  const auto description =
      onednn::describe<dnnl::reduction>(algorithm.kind, src, dst, algorithm.p, 0.0F);
  return {description.impl_info_str(),
          {{dnnl::reduction(description),
            {{DNNL_ARG_SRC, "src", onednn::plain(from), src},
             {DNNL_ARG_DST, "dst", onednn::plain(to), dst}}}}};
}

}  // namespace

Preparation prepare_onednn(const Row& row, const Values& v, const Setup& setup,
                           Tensors<float>& tensors) {
  const auto* const algorithm = std::ranges::find(algorithms, row.name, &Algorithm::name);
  if (algorithm == algorithms.end()) {
    return Unavailable{fmt::format("oneDNN has no reduction algorithm for {}", row.name)};
  }
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN has no backward pass of reductions"};
  }
  const Shape shape = Table::shape_of(v);
  if (shape.result() == shape.source) {
    return Unavailable{"oneDNN refuses a reduction of nothing"};
  }
  std::size_t leading = 0;
  while (leading + 1 < shape.source.size() && shape.source[leading] == 1) {
    ++leading;
  }
  return onednn::prepare("reduction", setup, tensors, [&](const onednn::Types& types) {
    return plan(*algorithm, without(shape.source, leading), without(shape.result(), leading),
                types);
  });
}

}  // namespace flopmeter::reduction
