#include "models/onnx/operator.h"

#include <array>
#include <map>
#include <utility>

namespace flopmeter::onnx {

std::span<const std::span<const Operator>> operator_families() {
  static const std::array families{convolution_operators(),
                                   pooling_operators(),
                                   product_operators(),
                                   quantized_product_operators(),
                                   einsum_operators(),
                                   unary_operators(),
                                   cast_operators(),
                                   arranging_operators(),
                                   slicing_operators(),
                                   binary_operators(),
                                   normalization_operators(),
                                   softmax_operators(),
                                   reduction_operators(),
                                   shape_operators(),
                                   indexing_operators(),
                                   generator_operators(),
                                   recurrent_operators(),
                                   resampling_operators(),
                                   quantization_operators(),
                                   attention_operators(),
                                   runtime_attention_operators(),
                                   selection_operators(),
                                   signal_operators(),
                                   loss_operators(),
                                   expert_operators(),
                                   feature_operators()};
  return families;
}

const Operator* find_operator(std::string_view domain, std::string_view name) {
  static const auto by_name = [] {
    std::map<std::pair<std::string_view, std::string_view>, const Operator*> map;
    for (const auto family : operator_families()) {
      for (const Operator& row : family) {
        map.emplace(std::pair{row.domain, row.name}, &row);
      }
    }
    return map;
  }();
  // Some tools write ONNX Runtime's operators without their domain; no name means two things.
  for (const std::string_view at : {domain, domain.empty() ? microsoft : domain}) {
    if (const auto found = by_name.find({at, name}); found != by_name.end()) {
      return found->second;
    }
  }
  return nullptr;
}

}  // namespace flopmeter::onnx
