#include "kernels/onednn/after.h"

#include <algorithm>
#include <array>

#include "kernels/onednn/describe.h"
#include "kernels/onednn/scales.h"

namespace flopmeter::onednn {
namespace {

using enum dnnl::algorithm;

/// What oneDNN calls a layer's function, with the parameters that it has there.
struct Function {
  std::string_view layer;
  dnnl::algorithm kind;
  float alpha = 0;
  float beta = 0;
};

constexpr std::array functions{
    Function{"relu", eltwise_relu},
    Function{"relu6", eltwise_clip, 0, 6},
    Function{"hardtanh", eltwise_clip, -1, 1},
    Function{"leaky_relu", eltwise_relu, 0.01F},
    Function{"elu", eltwise_elu, 1},
    Function{"gelu_erf", eltwise_gelu_erf},
    Function{"gelu_tanh", eltwise_gelu_tanh},
    Function{"silu", eltwise_swish, 1},
    Function{"sigmoid", eltwise_logistic},
    Function{"hardswish", eltwise_hardswish, 1.0F / 6, 0.5F},
    Function{"tanh", eltwise_tanh},
};

void append(dnnl::post_ops& all, const Function& function) {
#if DNNL_VERSION_MAJOR >= 3
  all.append_eltwise(function.kind, function.alpha, function.beta);
#else
  all.append_eltwise(1, function.kind, function.alpha, function.beta);
#endif
}

}  // namespace

std::optional<dnnl::post_ops> post_operations(std::span<const After> after,
                                              const EightBits* result) {
  dnnl::post_ops all;
  for (const After& one : after) {
    if (one.layer == "add" && result != nullptr && result->summand) {
      append_codes(all, result->summand->step, type_of_codes(result->summand->is_signed));
      continue;
    }
    if (one.layer == "add") {
      all.append_sum(1);
      continue;
    }
    if (one.layer == "scale") {
      append(all, {"scale", eltwise_linear, one.alpha, 0});
      continue;
    }
    if (one.layer == "clip") {
      append(all, {"clip", eltwise_clip, one.alpha, one.beta});
      continue;
    }
    const auto* const found = std::ranges::find(functions, one.layer, &Function::layer);
    if (found == functions.end()) {
      return std::nullopt;
    }
    append(all, *found);
  }
  if (result != nullptr) {
    append_scaling(all, 1 / result->dst->step);
  }
  return all;
}

}  // namespace flopmeter::onednn
