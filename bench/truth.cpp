#include "bench/truth.h"

#include "kernels/inputs.h"

namespace flopmeter {

const std::vector<double>& TruthCache::of(const Problem& problem, Pass pass, Dtype dtype,
                                          const Tensors<float>& inputs) {
  const std::string key =
      fmt::format("{}/{}/{}/{}", problem.layer->name, to_string(pass),
                  same_inputs(dtype, Dtype::f32) ? "" : to_string(dtype), problem.shape());
  if (key != key_) {
    key_.clear();
    truth_.clear();
    Tensors<double> tensors(inputs);
    problem.layer->reference(problem.values, pass, tensors);
    truth_ = output_values(tensors);
    key_ = key;
  }
  return truth_;
}

}  // namespace flopmeter
