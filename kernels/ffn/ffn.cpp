#include "kernels/ffn/ffn.h"

#include "kernels/tolerance.h"

namespace flopmeter::ffn {

Shape Layer::complete(Shape s) {
  if (s.ic == unset || s.hid == unset) {
    bad_input("ffn needs ic and hid, as in mb512ic512hid2048");
  }
  check_flag(name, "gelu", s.gelu);
  check_flag(name, "swiglu", s.swiglu);
  check_flag(name, "bias", s.bias);
  if (s.gelu + s.swiglu > 1) {
    bad_input("ffn: gelu and swiglu are both 1, must be one of them");
  }
  return s;
}

std::vector<Variable> Layer::variables(const Shape& s) { return {{"matrices", 2 + s.swiglu}}; }

Composition Layer::composition(const Shape& s) {
  const std::string up = fmt::format("mb{}ic{}oc{}bias{}", s.mb, s.ic, s.hid, s.bias);
  const std::string down = fmt::format("mb{}ic{}oc{}bias{}", s.mb, s.hid, s.ic, s.bias);
  const std::string hidden = fmt::format("mb{}ic{}", s.mb, s.hid);
  const std::string product = fmt::format("{0}x{1}:{0}x{1}", s.mb, s.hid);
  const Step project_down{"down", "linear", down, {{"src", "hidden"}, {"dst", "dst"}}};
  Composition made{{{"src", {s.mb, s.ic}, Role::input}, {"dst", {s.mb, s.ic}, Role::output}}, {}};
  if (s.swiglu != 0) {
    made.steps = {
        {"gate", "linear", up, {{"src", "src"}, {"dst", "gated"}}},
        {"act", "silu", hidden, {{"src", "gated"}, {"dst", "active"}}},
        {"up", "linear", up, {{"src", "src"}, {"dst", "linear"}}},
        {"mul", "mul", product, {{"src0", "active"}, {"src1", "linear"}, {"dst", "hidden"}}},
        project_down};
  } else {
    const std::string_view activation = s.gelu != 0 ? "gelu_erf" : "relu";
    made.steps = {{"up", "linear", up, {{"src", "src"}, {"dst", "linear"}}},
                  {"act", activation, hidden, {{"src", "linear"}, {"dst", "hidden"}}},
                  project_down};
  }
  return made;
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  if (pass == Pass::backward_weights) {
    return nested_sums_tolerance({s.ic + s.bias, s.ic, s.mb}, dtype);
  }
  return nested_sums_tolerance({s.ic + s.bias, s.hid + s.bias, s.hid}, dtype);
}

}  // namespace flopmeter::ffn
