#include "kernels/families/conv/layer.h"

namespace flopmeter::conv {

std::vector<std::int64_t> dims(const Kind& kind, const Shape& s, std::int64_t first,
                               std::int64_t second, std::int64_t Axis::*length) {
  std::vector<std::int64_t> dims{first, second};
  for (std::size_t i = kind.first_axis(); i < 3; ++i) {
    dims.push_back(s.axes()[i].*length);
  }
  return dims;
}

std::vector<Variable> variables(const Kind& kind, const Shape& convolution) {
  constexpr std::array<std::string_view, 3> names{"pd_r", "ph_r", "pw_r"};
  std::vector<Variable> variables;
  for (std::size_t i = kind.first_axis(); i < names.size(); ++i) {
    variables.push_back({names[i], convolution.axes()[i].pad_after()});
  }
  return variables;
}

std::vector<Operand> operands(const Kind& kind, const Shape& s, Pass pass,
                              const std::array<std::int64_t, 2>& weights) {
  return weighted_operands({.x = dims(kind, s, s.mb, s.ic, &Axis::in),
                            .weights = dims(kind, s, weights[0], weights[1], &Axis::kernel),
                            .y = dims(kind, s, s.mb, s.oc, &Axis::out),
                            .biases = s.bias * s.oc},
                           pass);
}

std::int64_t parameters(const Shape& s) {
  return checked_add(checked_product(s.oc, s.ic / s.g, s.kd, s.kh, s.kw), s.bias * s.oc);
}

}  // namespace flopmeter::conv
