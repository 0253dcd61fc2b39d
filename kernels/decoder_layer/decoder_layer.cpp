#include "kernels/decoder_layer/decoder_layer.h"

#include "kernels/families/transformer/blocks.h"
#include "kernels/tolerance.h"

namespace flopmeter::decoder_layer {

Shape Layer::complete(Shape s) {
  if (s.l == unset || s.e == unset || s.h == unset || s.ff == unset) {
    bad_input("decoder_layer needs l, e, h and ff, as in mb32l16e512h8ff2048");
  }
  s.s = s.s == unset ? s.l : s.s;
  check_flag(name, "gelu", s.gelu);
  check_flag(name, "prenorm", s.prenorm);
  check_flag(name, "causal", s.causal);
  check_flag(name, "bias", s.bias);
  if (s.e % s.h != 0) {
    bad_input("decoder_layer: h {} must divide e {}", s.h, s.e);
  }
  return s;
}

std::string Layer::print(const Shape& s) {
  Values values = to_values<Layer>(s);
  values[2] = s.s == s.l ? unset : s.s;
  return print_fields(field_infos<Layer>(), values, always_printed);
}

Shape Layer::padded_out(const Shape& s) {
  Shape full = s;
  full.causal = 0;
  return full;
}

Composition Layer::composition(const Shape& s) {
  const std::int64_t tokens = s.mb * s.l;
  const transformer::Residual how{
      tokens, s.e, s.prenorm != 0 ? transformer::Placement::before : transformer::Placement::after};
  Composition made{{{"src", {s.mb, s.l, s.e}, Role::input},
                    {"memory", {s.mb, s.s, s.e}, Role::input},
                    {"dst", {s.mb, s.l, s.e}, Role::output}},
                   {}};
  const std::string itself =
      fmt::format("mb{}l{}e{}h{}causal{}bias{}", s.mb, s.l, s.e, s.h, s.causal, s.bias);
  const std::string cross =
      fmt::format("mb{}l{}s{}e{}h{}cross1bias{}", s.mb, s.l, s.s, s.e, s.h, s.bias);
  const std::string ffn =
      fmt::format("mb{}ic{}hid{}gelu{}bias{}", tokens, s.e, s.ff, s.gelu, s.bias);
  add_residual(made, how, {"self", "attention", itself, {}}, "src", "attended");
  add_residual(made, how, {"cross", "attention", cross, {{"src_kv", "memory"}}}, "attended",
               "informed");
  add_residual(made, how, {"ffn", "ffn", ffn, {}}, "informed", "dst");
  return made;
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t tokens = s.mb * std::max(s.l, s.s);
  if (pass == Pass::forward) {
    return nested_sums_tolerance({s.e, s.e, s.l, s.e, s.e, s.s, s.e, s.e, s.ff, s.e}, dtype);
  }
  return nested_sums_tolerance({s.e, s.e, s.l, s.e, s.e, s.s, s.e, s.e, s.ff, s.e, tokens}, dtype);
}

}  // namespace flopmeter::decoder_layer
