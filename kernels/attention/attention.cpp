#include "kernels/attention/attention.h"

#include <algorithm>

#include "kernels/tolerance.h"

namespace flopmeter::attention {

namespace {

/// Both keys as sdpa completes them.
void complete_alignment(Shape& s) {
  const bool matters = s.causal != 0 || s.window != 0;
  if (matters && s.topleft == unset && s.bottomright == unset) {
    s.topleft = 0;
  }
  if (s.topleft == unset) {
    s.topleft = matters && s.bottomright == 0 ? 1 : 0;
  }
  if (s.bottomright == unset) {
    s.bottomright = matters ? 1 - s.topleft : 0;
  }
  check_flag(Layer::name, "topleft", s.topleft);
  check_flag(Layer::name, "bottomright", s.bottomright);
  if (s.topleft + s.bottomright != (matters ? 1 : 0)) {
    bad_input(
        "attention: topleft and bottomright: one of them with causal1 or a window, none "
        "without");
  }
}

std::int64_t head_size(const Shape& s) {
  if (s.d == unset && s.e % s.h != 0) {
    bad_input("attention: h {} must divide e {}, or d say how many features a head has", s.h, s.e);
  }
  return s.d == unset ? s.e / s.h : s.d;
}

void check_tokens(const Shape& s) {
  if (s.cross != 0 && (s.causal != 0 || s.past != 0 || s.window != 0)) {
    bad_input("attention: cross attention is neither causal nor has it a past or a window");
  }
  if (s.cross == 0 && s.s != s.l + s.past) {
    bad_input("attention: s is {}, but l and past make {}; cross1 for another sequence", s.s,
              s.l + s.past);
  }
}

}  // namespace

Shape Layer::complete(Shape s) {
  if (s.l == unset || s.e == unset || s.h == unset) {
    bad_input("attention needs l, e and h, as in mb32l16e512h8");
  }
  s.hkv = s.hkv == unset ? s.h : s.hkv;
  s.s = s.s == unset ? checked_add(s.l, s.past) : s.s;
  s.d = head_size(s);
  s.dv = s.dv == unset ? s.d : s.dv;
  s.kdim = s.kdim == unset ? s.e : s.kdim;
  s.vdim = s.vdim == unset ? s.e : s.vdim;
  s.obias = s.obias == unset ? s.bias : s.obias;
  check_flag(name, "cross", s.cross);
  check_flag(name, "causal", s.causal);
  check_flag(name, "bias", s.bias);
  check_flag(name, "obias", s.obias);
  check_flag(name, "qknorm", s.qknorm);
  check_flag(name, "sink", s.sink);
  complete_alignment(s);
  if (s.h % s.hkv != 0) {
    bad_input("attention: hkv {} must divide h {}", s.hkv, s.h);
  }
  check_tokens(s);
  if (s.rope % 2 != 0 || s.rope > s.d || (s.rope != 0 && s.cross != 0)) {
    bad_input("attention: rope is {}, must be even, at most d = {}, and 0 with cross1", s.rope,
              s.d);
  }
  return s;
}

std::string Layer::print(const Shape& s) {
  Shape short_form = s;
  const bool aligned = s.past != 0 && (s.causal != 0 || s.window != 0);
  short_form.s = s.s == s.l + s.past ? unset : s.s;
  short_form.hkv = s.hkv == s.h ? unset : s.hkv;
  short_form.d = s.d * s.h == s.e ? unset : s.d;
  short_form.dv = s.dv == s.d ? unset : s.dv;
  short_form.kdim = s.kdim == s.e ? unset : s.kdim;
  short_form.vdim = s.vdim == s.e ? unset : s.vdim;
  short_form.obias = s.obias == s.bias ? unset : s.obias;
  short_form.topleft = s.topleft != 0 ? 1 : unset;
  short_form.bottomright = aligned && s.bottomright != 0 ? 1 : unset;
  return print_fields(field_infos<Layer>(), to_values<Layer>(short_form), always_printed);
}

std::vector<Variable> Layer::variables(const Shape& s) {
  return {{"kv", s.k_features()}, {"inner", s.q_features()}};
}

Shape Layer::padded_out(const Shape& s) {
  Shape full = s;
  full.causal = full.topleft = full.bottomright = full.window = 0;
  return full;
}

namespace {

std::string projection(std::int64_t tokens, std::int64_t from, std::int64_t to, std::int64_t bias) {
  return fmt::format("mb{}ic{}oc{}bias{}", tokens, from, to, bias);
}

/// Keys and values of the same tensor have one input for both.
bool own_source(const Shape& s) { return s.cross != 0 || s.kdim != s.e || s.vdim != s.e; }
std::string source_of(const Shape& s, const std::string& which) {
  return !own_source(s) ? "src" : s.kdim == s.vdim ? "src_kv" : "src_" + which;
}

/// What is projected of x, and normalised head by head where that is asked for.
struct Projected {
  std::string label, source;
  std::int64_t tokens, from, to;
  bool normalised;
  std::int64_t rope;  // features of each head that are rotated
};

void add_projection(Composition& made, const Shape& s, const Projected& p, const std::string& to) {
  const std::string unrotated = p.rope != 0 ? p.label + "_unrotated" : to;
  const std::string raw = p.normalised ? p.label + "_raw" : unrotated;
  made.steps.push_back({p.label,
                        "linear",
                        projection(p.tokens, p.from, p.to, s.bias),
                        {{"src", p.source}, {"dst", raw}}});
  if (p.normalised) {
    made.steps.push_back({p.label + "_norm",
                          "rmsnorm",
                          fmt::format("mb{}c{}", p.tokens * p.to / s.d, s.d),
                          {{"src", raw}, {"dst", unrotated}}});
  }
  if (p.rope != 0) {
    made.steps.push_back(
        {p.label + "_rope",
         "rotary",
         fmt::format("mb{}l{}h{}d{}rot{}", s.mb, p.tokens / s.mb, p.to / s.d, s.d, p.rope),
         {{"src", unrotated}, {"cos", "cos"}, {"sin", "sin"}, {"dst", to}}});
  }
}

/// Keys or values: projected, behind the cached ones.
void add_keys(Composition& made, const Shape& s, const std::string& which, std::int64_t from,
              std::int64_t features) {
  const std::int64_t tokens = s.s - s.past;
  const std::string all = which + "_all";
  add_projection(made, s,
                 {which, source_of(s, which), s.mb * tokens, from, features,
                  which == "k" && s.qknorm != 0, which == "k" ? s.rope : 0},
                 s.past != 0 ? which + "_new" : all);
  if (s.past != 0) {
    made.steps.push_back({which + "_concat",
                          "concat",
                          fmt::format("mb{}a{}b{}", s.mb, s.past * features, tokens * features),
                          {{"src0", which + "_past"}, {"src1", which + "_new"}, {"dst", all}}});
  }
}

std::vector<Operand> given(const Shape& s) {
  std::vector<Operand> operands{{"src", {s.mb, s.l, s.e}, Role::input}};
  const std::int64_t tokens = s.s - s.past;
  if (own_source(s) && s.kdim == s.vdim) {
    operands.push_back({"src_kv", {s.mb, tokens, s.kdim}, Role::input});
  } else if (own_source(s)) {
    operands.push_back({"src_k", {s.mb, tokens, s.kdim}, Role::input});
    operands.push_back({"src_v", {s.mb, tokens, s.vdim}, Role::input});
  }
  if (s.past != 0) {
    operands.push_back({"k_past", {s.mb, s.past, s.k_features()}, Role::input});
    operands.push_back({"v_past", {s.mb, s.past, s.v_features()}, Role::input});
  }
  if (s.rope != 0) {
    operands.push_back({"cos", {s.l, s.rope / 2}, Role::input});
    operands.push_back({"sin", {s.l, s.rope / 2}, Role::input});
  }
  operands.push_back({"dst", {s.mb, s.l, s.e}, Role::output});
  return operands;
}

std::string core(const Shape& s) {
  const std::string aligned = s.topleft + s.bottomright == 0
                                  ? ""
                                  : fmt::format("topleft{}bottomright{}", s.topleft, s.bottomright);
  return fmt::format("mb{}h{}hkv{}lq{}lk{}d{}dv{}causal{}{}window{}sink{}softcap{}", s.mb, s.h,
                     s.hkv, s.l, s.s, s.d, s.dv, s.causal, aligned, s.window, s.sink, s.softcap);
}

}  // namespace

Composition Layer::composition(const Shape& s) {
  Composition made{given(s), {}};
  add_projection(made, s, {"q", "src", s.mb * s.l, s.e, s.q_features(), s.qknorm != 0, s.rope},
                 "q_all");
  add_keys(made, s, "k", s.kdim, s.k_features());
  add_keys(made, s, "v", s.vdim, s.v_features());
  made.steps.push_back(
      {"core",
       "sdpa",
       core(s),
       {{"src_q", "q_all"}, {"src_k", "k_all"}, {"src_v", "v_all"}, {"dst", "heads"}}});
  made.steps.push_back({"out",
                        "linear",
                        projection(s.mb * s.l, s.h * s.dv, s.e, s.obias),
                        {{"src", "heads"}, {"dst", "dst"}}});
  return made;
}

/// Scores are sums over a head of products of sums over all features, and softmax makes their error
/// one of the probabilities.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t tokens = s.mb * std::max(s.l, s.s);
  const std::int64_t in = std::max({s.e, s.kdim, s.vdim}) + s.bias;
  const std::int64_t out = std::max(s.e, s.h * s.dv) + s.bias;
  const std::int64_t head = std::max(s.d, s.dv);
  if (pass == Pass::forward) {
    return nested_sums_tolerance({in, in, head, s.s, out}, dtype);
  }
  return nested_sums_tolerance({out, in, head, s.s + s.l, out, tokens}, dtype);
}

}  // namespace flopmeter::attention
