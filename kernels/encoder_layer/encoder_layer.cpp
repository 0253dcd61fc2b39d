#include "kernels/encoder_layer/encoder_layer.h"

#include "kernels/families/transformer/blocks.h"
#include "kernels/tolerance.h"

namespace flopmeter::encoder_layer {

Shape Layer::complete(Shape s) {
  if (s.l == unset || s.e == unset || s.h == unset || s.ff == unset) {
    bad_input("encoder_layer needs l, e, h and ff, as in mb32l16e512h8ff2048");
  }
  check_flag(name, "gelu", s.gelu);
  check_flag(name, "prenorm", s.prenorm);
  check_flag(name, "bias", s.bias);
  if (s.e % s.h != 0) {
    bad_input("encoder_layer: h {} must divide e {}", s.h, s.e);
  }
  return s;
}

Composition Layer::composition(const Shape& s) {
  const std::int64_t tokens = s.mb * s.l;
  const transformer::Residual how{
      tokens, s.e, s.prenorm != 0 ? transformer::Placement::before : transformer::Placement::after};
  Composition made{
      {{"src", {s.mb, s.l, s.e}, Role::input}, {"dst", {s.mb, s.l, s.e}, Role::output}}, {}};
  const std::string attention = fmt::format("mb{}l{}e{}h{}bias{}", s.mb, s.l, s.e, s.h, s.bias);
  const std::string ffn =
      fmt::format("mb{}ic{}hid{}gelu{}bias{}", tokens, s.e, s.ff, s.gelu, s.bias);
  add_residual(made, how, {"attention", "attention", attention, {}}, "src", "attended");
  add_residual(made, how, {"ffn", "ffn", ffn, {}}, "attended", "dst");
  return made;
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t tokens = s.mb * s.l;
  if (pass == Pass::forward) {
    return nested_sums_tolerance({s.e, s.e, s.l, s.e, s.e, s.ff, s.e}, dtype);
  }
  return nested_sums_tolerance({s.e, s.e, s.l, s.e, s.e, s.ff, s.e, tokens}, dtype);
}

}  // namespace flopmeter::encoder_layer
