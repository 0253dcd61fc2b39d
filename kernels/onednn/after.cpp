#include "kernels/onednn/after.h"

#include <algorithm>
#include <array>
#include <vector>

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

/// Post-operations of a primitive, each algorithm with one set of parameters.
class Appended {
 public:
  void add(const Function& function) {
    const auto before = std::ranges::find(functions_, function.kind, &Function::kind);
    clash_ = clash_ || (before != functions_.end() &&
                        (before->alpha != function.alpha || before->beta != function.beta));
    functions_.push_back(function);
#if DNNL_VERSION_MAJOR >= 3
    all_.append_eltwise(function.kind, function.alpha, function.beta);
#else
    all_.append_eltwise(1, function.kind, function.alpha, function.beta);
#endif
  }

  dnnl::post_ops& all() { return all_; }
  std::optional<dnnl::post_ops> finished() const {
    return clash_ ? std::nullopt : std::optional(all_);
  }

 private:
  dnnl::post_ops all_;
  std::vector<Function> functions_ = {};
  bool clash_ = false;
};

}  // namespace

std::optional<dnnl::post_ops> post_operations(std::span<const After> after,
                                              const EightBits* result) {
  Appended made;
  for (const After& one : after) {
    const auto* const found = std::ranges::find(functions, one.layer, &Function::layer);
    if (one.layer == "add" && result != nullptr && result->summand) {
      append_codes(made.all(), result->summand->step, type_of_codes(result->summand->is_signed));
    } else if (one.layer == "add") {
      made.all().append_sum(1);
    } else if (one.layer == "scale") {
      made.add({"scale", eltwise_linear, one.alpha, 0});
    } else if (one.layer == "clip") {
      made.add({"clip", eltwise_clip, one.alpha, one.beta});
    } else if (found != functions.end()) {
      made.add(*found);
    } else {
      return std::nullopt;
    }
  }
  if (result != nullptr) {
    made.add({"scale", eltwise_linear, 1 / result->dst->step, 0});
  }
  return made.finished();
}

}  // namespace flopmeter::onednn
