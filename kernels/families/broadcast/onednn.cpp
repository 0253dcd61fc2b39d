#include "kernels/families/broadcast/onednn.h"

#include "kernels/onednn/describe.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::broadcast {
namespace {

struct Source {
  std::string_view name;
  Dims dims;
};

dnnl::memory::dims dnnl_dims(const Dims& dims) { return {dims.begin(), dims.end()}; }

/// Where nothing is repeated any layout will do, so the one in which a source was made.
std::optional<onednn::Given> given(const Source& full, const Source& repeated,
                                   const onednn::Types& types) {
  if (full.dims != repeated.dims) {
    return std::nullopt;
  }
  const auto first = onednn::given_layout(types, full.name);
  return first ? first : onednn::given_layout(types, repeated.name);
}

onednn::Plan plan_as(dnnl::algorithm algorithm, const onednn::Given& layout) {
  const auto& [data, plain] = layout;
  const auto description = onednn::describe<dnnl::binary>(algorithm, data, data, data);
  return {description.impl_info_str(),
          {{dnnl::binary(description),
            {{DNNL_ARG_SRC_0, "src0", plain, data},
             {DNNL_ARG_SRC_1, "src1", plain, data},
             {DNNL_ARG_DST, "dst", plain, data}}}}};
}

onednn::Plan plan(dnnl::algorithm algorithm, const Source& full, const Source& repeated,
                  const onednn::Types& types) {
  if (const auto layout = given(full, repeated, types)) {
    return plan_as(algorithm, *layout);
  }
  const dnnl::memory::dims dst = dnnl_dims(full.dims);
  const dnnl::memory::dims src1 = dnnl_dims(repeated.dims);
  const dnnl::memory::desc large = onednn::row_major(dst, types.src);
  const dnnl::memory::desc small = onednn::row_major(src1, types.src);
  const auto description = onednn::describe<dnnl::binary>(algorithm, large, small, large);
  return {description.impl_info_str(),
          {{dnnl::binary(description),
            {{DNNL_ARG_SRC_0, full.name, onednn::plain(dst), large},
             {DNNL_ARG_SRC_1, repeated.name, onednn::plain(src1), small},
             {DNNL_ARG_DST, "dst", onednn::plain(dst), large}}}}};
}

}  // namespace

Preparation prepare_onednn(dnnl::algorithm algorithm, const Shape& s, const Setup& setup,
                           Tensors<float>& tensors) {
  if (setup.pass != Pass::forward) {
    return Unavailable{"oneDNN has no backward pass of binary operations"};
  }
  Source full{"src0", s.a()};
  Source repeated{"src1", s.b()};
  if (full.dims != s.c()) {
    std::swap(full, repeated);
  }
  if (full.dims != s.c()) {
    return Unavailable{"oneDNN repeats one source of a binary operation, not both"};
  }
  return onednn::prepare("binary operation", setup, tensors, [&](const onednn::Types& types) {
    return plan(algorithm, full, repeated, types);
  });
}

}  // namespace flopmeter::broadcast
