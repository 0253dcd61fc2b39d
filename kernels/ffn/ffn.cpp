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
  check_flag(name, "gelutanh", s.gelutanh);
  check_flag(name, "geglu", s.geglu);
  if (s.gelu + s.swiglu + s.geglu > 1 || s.gelutanh + s.gelu + s.swiglu > 1) {
    bad_input("ffn: gelu, gelutanh, swiglu and geglu: must be one of them, or geglu1gelutanh1");
  }
  return s;
}

std::vector<Variable> Layer::variables(const Shape& s) { return {{"matrices", s.gated() ? 3 : 2}}; }

namespace {

std::string_view activation(const Shape& s) {
  if (s.gelutanh != 0) {
    return "gelu_tanh";
  }
  return s.gelu + s.geglu != 0 ? "gelu_erf" : s.swiglu != 0 ? "silu" : "relu";
}

}  // namespace

Composition Layer::composition(const Shape& s) {
  const std::string up = fmt::format("mb{}ic{}oc{}bias{}", s.mb, s.ic, s.hid, s.bias);
  const std::string down = fmt::format("mb{}ic{}oc{}bias{}", s.mb, s.hid, s.ic, s.bias);
  const std::string hidden = fmt::format("mb{}ic{}", s.mb, s.hid);
  const std::string product = fmt::format("{0}x{1}:{0}x{1}", s.mb, s.hid);
  const Step project_down{"down", "linear", down, {{"src", "hidden"}, {"dst", "dst"}}};
  Composition made{{{"src", {s.mb, s.ic}, Role::input}, {"dst", {s.mb, s.ic}, Role::output}}, {}};
  if (s.gated()) {
    made.steps = {
        {"gate", "linear", up, {{"src", "src"}, {"dst", "gated"}}},
        {"act", activation(s), hidden, {{"src", "gated"}, {"dst", "active"}}},
        {"up", "linear", up, {{"src", "src"}, {"dst", "linear"}}},
        {"mul", "mul", product, {{"src0", "active"}, {"src1", "linear"}, {"dst", "hidden"}}},
        project_down};
  } else {
    made.steps = {{"up", "linear", up, {{"src", "src"}, {"dst", "linear"}}},
                  {"act", activation(s), hidden, {{"src", "linear"}, {"dst", "hidden"}}},
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
