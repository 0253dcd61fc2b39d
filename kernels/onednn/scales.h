// Scales of primitives on 8-bit integers, which oneDNN 2 has fixed with the primitive and oneDNN 3 is given when it
// runs: with describe.h the only place that knows what differs.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

namespace flopmeter::onednn {

/// How 8-bit integers stand for real numbers: the attributes of the primitive, what a unit of its source,
/// weights and bias is, one number or one for each output channel, and further arguments of its execution.
struct Scales {
  dnnl::primitive_attr attributes = {};
  float src_unit = 1;
  std::vector<float> weight_units = {}, bias_units = {};
  std::vector<std::pair<int, std::vector<float>>> arguments = {};  // argument, values
};

/// One step for all weights, or one for each channel, which is the second dimension of the result. `grouped`:
/// weights have groups as a dimension of their own.
inline Scales scales_of(float src_step, const std::vector<float>& weight_steps,
                        bool grouped = false) {
  Scales result{.src_unit = src_step, .weight_units = weight_steps};
  const bool one = weight_steps.size() == 1;
#if DNNL_VERSION_MAJOR >= 3
  result.attributes.set_scales_mask(DNNL_ARG_SRC, 0);
  result.attributes.set_scales_mask(DNNL_ARG_WEIGHTS, one ? 0 : grouped ? 3 : 1);
  result.bias_units = {1};
  result.arguments = {{DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, {src_step}},
                      {DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, weight_steps}};
#else
  (void)grouped;
  for (const float step : weight_steps) {
    result.bias_units.push_back(src_step * step);  // it is added before the sum is scaled
  }
  result.attributes.set_output_scales(one ? 0 : 2, result.bias_units);
#endif
  return result;
}

/// Attributes of a reorder that multiplies by a factor, and the argument of its execution that takes the factor's
/// inverse.
#if DNNL_VERSION_MAJOR >= 3
inline constexpr int reorder_scale = DNNL_ARG_ATTR_SCALES | DNNL_ARG_DST;
inline constexpr bool reorder_takes_scale = true;
#else
inline constexpr int reorder_scale = 0;
inline constexpr bool reorder_takes_scale = false;
#endif
inline dnnl::primitive_attr scaled_reorder(float factor) {
  dnnl::primitive_attr attributes;
#if DNNL_VERSION_MAJOR >= 3
  (void)factor;
  attributes.set_scales_mask(DNNL_ARG_DST, 0);
#else
  attributes.set_output_scales(0, {factor});
#endif
  return attributes;
}

/// That of codes.
inline dnnl::memory::data_type type_of_codes(bool is_signed) {
  return is_signed ? dnnl::memory::data_type::s8 : dnnl::memory::data_type::u8;
}

/// The same order of elements of another type of the size; with oneDNN 3, which has no such thing, the same type.
inline dnnl::memory::desc of_type(dnnl::memory::desc desc, dnnl::memory::data_type type) {
#if DNNL_VERSION_MAJOR >= 3
  (void)type;
#else
  desc.data.data_type = dnnl::memory::convert_to_c(type);
#endif
  return desc;
}

/// What lies where the result is written, of another type of the size, times a constant, added to the result.
inline void append_codes(dnnl::post_ops& after, float step, dnnl::memory::data_type type) {
#if DNNL_VERSION_MAJOR >= 3
  after.append_sum(step, 0, type);
#else
  after.append_sum(step, type);
#endif
}

}  // namespace flopmeter::onednn
