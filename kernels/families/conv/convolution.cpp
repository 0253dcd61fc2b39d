#include "kernels/families/conv/convolution.h"

#include "kernels/families/conv/complete_axis.h"

namespace flopmeter::conv {

Axis Convolution::complete_axis(const Kind& kind, Axis axis, char letter) {
  return conv::complete_axis({kind.name, "kernel", kind.example}, axis, letter);
}

OpCounts Convolution::counts(const Shape& s, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return scatter_counts(s, false);
    case Pass::backward_weights:
      return correlate_counts(s) + s.bias * sum_outputs_counts(s);
    case Pass::forward:
      break;
  }
  return gather_counts(s, s.bias != 0);
}

std::int64_t Convolution::terms(const Shape& s, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return scatter_terms(s);
    case Pass::backward_weights:
      return correlate_terms(s);
    case Pass::forward:
      break;
  }
  return gather_terms(s) + s.bias;
}

}  // namespace flopmeter::conv
