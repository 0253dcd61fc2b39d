// oneDNN's binary primitive, and what it calls each function.
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "kernels/broadcast/broadcast.h"
#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::broadcast {
namespace {

using enum dnnl::algorithm;

struct Algorithm {
  std::string_view name;
  dnnl::algorithm kind;
  bool commutes;
};

constexpr std::array algorithms{
    Algorithm{"add", binary_add, true},     Algorithm{"sub", binary_sub, false},
    Algorithm{"mul", binary_mul, true},     Algorithm{"div", binary_div, false},
    Algorithm{"max", binary_max, true},     Algorithm{"min", binary_min, true},
    Algorithm{"equal", binary_eq, true},    Algorithm{"not_equal", binary_ne, true},
    Algorithm{"less", binary_lt, false},    Algorithm{"less_equal", binary_le, false},
    Algorithm{"greater", binary_gt, false}, Algorithm{"greater_equal", binary_ge, false},
};

struct Source {
  std::string_view name;
  dnnl::memory::dims dims;
};

/// Where nothing is repeated any layout will do, so the one in which a source was made.
std::optional<onednn::Given> given(const Source& full, const Source& repeated,
                                   const onednn::Types& types) {
  if (full.dims != repeated.dims) {
    return std::nullopt;
  }
  const auto first = onednn::given_layout(types, full.name);
  return first ? first : onednn::given_layout(types, repeated.name);
}

onednn::PrimitivePlan plan_as(dnnl::algorithm algorithm, const Source& full, const Source& repeated,
                              const onednn::Given& layout) {
  const auto& [data, plain] = layout;
  const auto description = onednn::describe<dnnl::binary>(algorithm, data, data, data);
  return {description.impl_info_str(),
          {{dnnl::binary(description),
            {{DNNL_ARG_SRC_0, full.name, plain, data},
             {DNNL_ARG_SRC_1, repeated.name, plain, data},
             {DNNL_ARG_DST, "dst", plain, data}}}}};
}

onednn::PrimitivePlan plan(dnnl::algorithm algorithm, const Source& full, const Source& repeated,
                           const onednn::Types& types) {
  if (const auto layout = given(full, repeated, types)) {
    return plan_as(algorithm, full, repeated, *layout);
  }
  const dnnl::memory::desc large = onednn::row_major(full.dims, types.src);
  const dnnl::memory::desc small = onednn::row_major(repeated.dims, types.src);
  const auto description = onednn::describe<dnnl::binary>(algorithm, large, small, large);
  return {description.impl_info_str(),
          {{dnnl::binary(description),
            {{DNNL_ARG_SRC_0, full.name, onednn::plain(full.dims), large},
             {DNNL_ARG_SRC_1, repeated.name, onednn::plain(repeated.dims), small},
             {DNNL_ARG_DST, "dst", onednn::plain(full.dims), large}}}}};
}

/// Without leading ones, but of four dimensions at the least.
dnnl::memory::dims dnnl_dims(const Dims& dims, std::size_t leading) {
  return {dims.begin() + static_cast<std::ptrdiff_t>(leading), dims.end()};
}

}  // namespace

Preparation prepare_onednn(const Row& row, const Values& v, const Setup& setup,
                           Tensors<float>& tensors) {
  const auto* const algorithm = std::ranges::find(algorithms, row.name, &Algorithm::name);
  if (algorithm == algorithms.end()) {
    return Unavailable{fmt::format("oneDNN has no binary primitive for {}", row.name)};
  }
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN has no backward pass of binary operations"};
  }
  const Shape shape = Table::shape_of(row, v);
  const Dims result = shape.result();
  std::size_t leading = 0;
  while (leading + 4 < result.size() && result[leading] == 1) {
    ++leading;
  }
  Source full{"src0", dnnl_dims(shape.sources[0], leading)};
  Source repeated{"src1", dnnl_dims(shape.sources[1], leading)};
  if (shape.sources[0] != result && shape.sources[1] == result && algorithm->commutes) {
    std::swap(full, repeated);
  }
  if (full.dims != dnnl_dims(result, leading)) {
    return Unavailable{algorithm->commutes
                           ? "oneDNN repeats one source of a binary operation, not both"
                           : "oneDNN repeats the second source of a binary operation only"};
  }
  return onednn::prepare("binary operation", setup, tensors, [&](const onednn::Types& types) {
    return plan(algorithm->kind, full, repeated, types);
  });
}

}  // namespace flopmeter::broadcast
