#include "kernels/transformer_block/transformer_block.h"

#include <algorithm>

#include "kernels/families/transformer/blocks.h"
#include "kernels/tolerance.h"

namespace flopmeter::transformer_block {
namespace {

void check_flags(const Shape& s) {
  for (const auto& field : Layer::fields) {
    if (field.lowest == 0 && field.fuzz_high == 1 && field.key != "kvl" && field.key != "ql" &&
        field.key != "dr" && field.key != "shared") {
      check_flag(Layer::name, field.key, s.*(field.member));
    }
  }
}

/// What the attention made of a latent has no option for.
void check_latent(const Shape& s) {
  if (!s.latent()) {
    if (s.ql + s.dr != 0) {
      bad_input(
          "transformer_block: ql and dr belong to an attention with a latent: kvl is missing");
    }
    return;
  }
  if (s.dr == 0) {
    bad_input("transformer_block: kvl needs dr, the rotary features of a head, as in kvl512dr64");
  }
  if (s.hkv != s.h || s.window + s.bias + s.obias + s.qknorm + s.sink + s.softcap != 0) {
    bad_input(
        "transformer_block: with kvl the attention has no hkv, window, bias, qknorm, sink or "
        "softcap");
  }
}

void check_rope(const Shape& s) {
  const std::int64_t most = s.latent() ? s.dr : s.d;
  if (s.rope % 2 != 0 || s.rope > most || (s.latent() && s.rope != 0 && s.rope != s.dr)) {
    bad_input("transformer_block: rope is {}, must be even and {} {}", s.rope,
              s.latent() ? "0 or dr =" : "at most d =", most);
  }
}

void check_ffn(const Shape& s) {
  if (s.gelu + s.swiglu + s.geglu > 1 || s.gelutanh + s.gelu + s.swiglu > 1) {
    bad_input(
        "transformer_block: gelu, gelutanh, swiglu and geglu: one of them, or "
        "geglu1gelutanh1");
  }
  if (s.experts == 0 && s.active + s.shared != 0) {
    bad_input("transformer_block: active and shared are of experts, of which there are none");
  }
  if (s.experts != 0 && (s.active < 1 || s.active > s.experts)) {
    bad_input("transformer_block: active is {}, must be from 1 to {} experts", s.active, s.experts);
  }
  if (s.clip != 0 && (s.experts == 0 || s.swiglu == 0 || s.shared != 0)) {
    bad_input("transformer_block: clip is of experts with swiglu1, and without shared ones");
  }
  if (s.experts != 0 && s.gelu + s.gelutanh + s.geglu != 0) {
    bad_input("transformer_block: experts have swiglu1 or relu");
  }
}

}  // namespace

Shape Layer::complete(Shape s) {
  if (s.l == unset || s.e == unset || s.h == unset || s.ff == unset) {
    bad_input("transformer_block needs l, e, h and ff, as in mb1l16e4096h32hkv8ff14336swiglu1");
  }
  if (s.d == unset && s.e % s.h != 0) {
    bad_input("transformer_block: h {} must divide e {}, or d say how many features a head has",
              s.h, s.e);
  }
  s.hkv = s.hkv == unset ? s.h : s.hkv;
  s.d = s.d == unset ? s.e / s.h : s.d;
  s.dv = s.dv == unset ? s.d : s.dv;
  s.obias = s.obias == unset ? s.bias : s.obias;
  s.fbias = s.fbias == unset ? s.bias : s.fbias;
  check_flags(s);
  if (s.norm > 2) {
    bad_input("transformer_block: norm is {}, must be 0 (after), 1 (before) or 2 (both)", s.norm);
  }
  if (s.h % s.hkv != 0) {
    bad_input("transformer_block: hkv {} must divide h {}", s.hkv, s.h);
  }
  if (s.parallel != 0 && (s.norm != 1 || s.s != 0)) {
    bad_input("transformer_block: parallel1 is normalised before, and has no second attention");
  }
  check_latent(s);
  check_rope(s);
  check_ffn(s);
  return s;
}

std::string Layer::print(const Shape& s) {
  Shape short_form = s;
  short_form.hkv = s.hkv == s.h ? unset : s.hkv;
  short_form.d = s.d * s.h == s.e ? unset : s.d;
  short_form.dv = s.dv == s.d ? unset : s.dv;
  short_form.obias = s.obias == s.bias ? unset : s.obias;
  short_form.fbias = s.fbias == s.bias ? unset : s.fbias;
  return print_fields(field_infos<Layer>(), to_values<Layer>(short_form), always_printed);
}

/// Parameters that take part in one token: all but those of experts that it does not go to.
std::vector<Variable> Layer::variables(const Shape& s) {
  const std::int64_t inner = 1 + s.swiglu;
  const std::int64_t expert = checked_add(checked_product(inner + 1, s.e, s.ff),
                                          s.fbias * (checked_multiply(inner, s.ff) + s.e));
  const std::int64_t idle = checked_multiply(s.experts - s.active, expert);
  return {{"active_params", formula(s, Pass::forward).parameters - idle}};
}

Shape Layer::padded_out(const Shape& s) {
  Shape full = s;
  full.causal = full.window = 0;
  return full;
}

namespace {

transformer::Residual residual(const Shape& s) {
  constexpr std::array placements{transformer::Placement::after, transformer::Placement::before,
                                  transformer::Placement::around};
  return {checked_multiply(s.mb, s.l), s.e, placements.at(static_cast<std::size_t>(s.norm)),
          s.rms != 0 ? "rmsnorm" : "layernorm"};
}

Step attention(const Shape& s) {
  Step step;
  if (s.latent()) {
    step = {"attention",
            "mla",
            fmt::format("mb{}l{}past{}e{}h{}kvl{}ql{}d{}dr{}dv{}causal{}rope{}", s.mb, s.l, s.past,
                        s.e, s.h, s.kvl, s.ql, s.d, s.dr, s.dv, s.causal, s.rope != 0 ? 1 : 0),
            {}};
  } else {
    step = {"attention",
            "attention",
            fmt::format("mb{}l{}past{}e{}h{}hkv{}d{}dv{}causal{}window{}bias{}obias{}qknorm{}sink{}"
                        "softcap{}rope{}",
                        s.mb, s.l, s.past, s.e, s.h, s.hkv, s.d, s.dv, s.causal, s.window, s.bias,
                        s.obias, s.qknorm, s.sink, s.softcap, s.rope),
            {}};
  }
  if (s.past != 0) {
    step.bindings = {{"k_past", "k_past"}, {"v_past", "v_past"}};
  }
  if (s.rope != 0) {
    step.bindings.push_back({"cos", "cos"});
    step.bindings.push_back({"sin", "sin"});
  }
  return step;
}

Step cross_attention(const Shape& s) {
  return {"cross",
          "attention",
          fmt::format("mb{}l{}s{}e{}h{}hkv{}d{}dv{}cross1bias{}obias{}qknorm{}softcap{}", s.mb, s.l,
                      s.s, s.e, s.h, s.hkv, s.d, s.dv, s.bias, s.obias, s.qknorm, s.softcap),
          {{"src_kv", "memory"}}};
}

Step feed_forward(const Shape& s) {
  const std::int64_t tokens = checked_multiply(s.mb, s.l);
  if (s.experts != 0) {
    return {"moe",
            "moe",
            fmt::format("mb{}ic{}hid{}experts{}active{}shared{}swiglu{}bias{}clip{}", tokens, s.e,
                        s.ff, s.experts, s.active, s.shared, s.swiglu, s.fbias, s.clip),
            {}};
  }
  return {"ffn",
          "ffn",
          fmt::format("mb{}ic{}hid{}gelu{}gelutanh{}swiglu{}geglu{}bias{}", tokens, s.e, s.ff,
                      s.gelu, s.gelutanh, s.swiglu, s.geglu, s.fbias),
          {}};
}

std::vector<Operand> given(const Shape& s) {
  const std::int64_t k_features = s.hkv * (s.d + s.dr);
  std::vector<Operand> operands{{"src", {s.mb, s.l, s.e}, Role::input}};
  if (s.s != 0) {
    operands.push_back({"memory", {s.mb, s.s, s.e}, Role::input});
  }
  if (s.past != 0) {
    operands.push_back({"k_past", {s.mb, s.past, k_features}, Role::input});
    operands.push_back({"v_past", {s.mb, s.past, s.hkv * s.dv}, Role::input});
  }
  if (s.rope != 0) {
    operands.push_back({"cos", {s.l, s.rope / 2}, Role::input});
    operands.push_back({"sin", {s.l, s.rope / 2}, Role::input});
  }
  operands.push_back({"dst", {s.mb, s.l, s.e}, Role::output});
  return operands;
}

/// Both blocks read the same normalised tokens, and both are added.
void add_parallel(Composition& made, const Shape& s) {
  const transformer::Residual how = residual(s);
  made.steps.push_back(normalise(how, "norm", "src", "normed"));
  Step first = attention(s);
  Step second = feed_forward(s);
  for (auto* step : {&first, &second}) {
    step->bindings.push_back({"src", "normed"});
    step->bindings.push_back({"dst", step->label + "_out"});
  }
  const std::string attended = first.label + "_out";
  const std::string changed = second.label + "_out";
  made.steps.push_back(std::move(first));
  made.steps.push_back(std::move(second));
  made.steps.push_back(add(how, "attention_add", "src", attended, "attended"));
  made.steps.push_back(add(how, "ffn_add", "attended", changed, "dst"));
}

}  // namespace

Composition Layer::composition(const Shape& s) {
  Composition made{given(s), {}};
  if (s.parallel != 0) {
    add_parallel(made, s);
    return made;
  }
  const transformer::Residual how = residual(s);
  add_residual(made, how, attention(s), "src", "attended");
  if (s.s != 0) {
    add_residual(made, how, cross_attention(s), "attended", "informed");
  }
  add_residual(made, how, feed_forward(s), s.s != 0 ? "informed" : "attended", "dst");
  return made;
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t hidden = s.ff * std::max<std::int64_t>({1, s.active, s.shared});
  const std::int64_t heads = s.h * std::max(s.d + s.dr, s.dv);
  const std::int64_t seen = s.l + s.past;
  const std::int64_t latent = std::max<std::int64_t>({1, s.kvl, s.ql});
  const std::int64_t cross = std::max<std::int64_t>(s.s, 1);
  const std::int64_t over = pass == Pass::forward ? 1 : s.mb * (seen + s.s);
  return nested_sums_tolerance({s.e, s.e, s.e, latent, s.d + s.dr, seen, heads, s.e, cross, heads,
                                s.e, hidden, s.e, s.e, over},
                               dtype);
}

}  // namespace flopmeter::transformer_block
