#include "kernels/mla/mla.h"

#include <algorithm>

#include "kernels/tolerance.h"

namespace flopmeter::mla {

Shape Layer::complete(Shape s) {
  for (const std::int64_t needed : {s.l, s.e, s.h, s.kvl, s.d, s.dr}) {
    if (needed == unset) {
      bad_input("mla needs l, e, h, kvl, d and dr, as in mb1l16e2048h16kvl512d128dr64");
    }
  }
  s.s = s.s == unset ? checked_add(s.l, s.past) : s.s;
  s.dv = s.dv == unset ? s.d : s.dv;
  check_flag(name, "causal", s.causal);
  check_flag(name, "rope", s.rope);
  if (s.rope != 0 && s.dr % 2 != 0) {
    bad_input("mla: dr is {}, must be even to be rotated", s.dr);
  }
  if (s.s != s.l + s.past) {
    bad_input("mla: s is {}, but l and past make {}", s.s, s.l + s.past);
  }
  return s;
}

std::string Layer::print(const Shape& s) {
  Shape short_form = s;
  short_form.s = unset;
  short_form.dv = s.dv == s.d ? unset : s.dv;
  return print_fields(field_infos<Layer>(), to_values<Layer>(short_form), always_printed);
}

/// What a token leaves in a cache that keeps latents.
std::vector<Variable> Layer::variables(const Shape& s) {
  return {{"dk", s.d + s.dr}, {"cached", s.kvl + s.dr}};
}

Shape Layer::padded_out(const Shape& s) {
  Shape full = s;
  full.causal = 0;
  return full;
}

namespace {

/// Adds steps over the tokens of one sequence.
class Steps {
 public:
  Steps(Composition& made, const Shape& shape)
      : steps_(made.steps), s_(shape), tokens_(checked_multiply(shape.mb, shape.l)) {}

  void linear(const std::string& label, const std::string& from, std::int64_t ic,
              const std::string& to, std::int64_t oc) {
    steps_.push_back({label,
                      "linear",
                      fmt::format("mb{}ic{}oc{}bias0", tokens_, ic, oc),
                      {{"src", from}, {"dst", to}}});
  }
  void norm(const std::string& label, const std::string& from, std::int64_t c,
            const std::string& to) {
    steps_.push_back(
        {label, "rmsnorm", fmt::format("mb{}c{}", tokens_, c), {{"src", from}, {"dst", to}}});
  }
  /// A head's own features and its rotary ones beside each other.
  void join(const std::string& label, const std::string& own, const std::string& rotary,
            const std::string& to) {
    steps_.push_back({label,
                      "concat",
                      fmt::format("mb{}a{}b{}", tokens_ * s_.h, s_.d, s_.dr),
                      {{"src0", own}, {"src1", rotary}, {"dst", to}}});
  }
  /// The rotary features of so many heads, rotated where that is asked for.
  void rotary(const std::string& label, const std::string& from, std::int64_t ic,
              const std::string& to, std::int64_t heads) {
    const std::string unrotated = s_.rope != 0 ? to + "_unrotated" : to;
    linear(label, from, ic, unrotated, heads * s_.dr);
    if (s_.rope != 0) {
      steps_.push_back({label + "_rope",
                        "rotary",
                        fmt::format("mb{}l{}h{}d{}", s_.mb, s_.l, heads, s_.dr),
                        {{"src", unrotated}, {"cos", "cos"}, {"sin", "sin"}, {"dst", to}}});
    }
  }
  void repeat(const std::string& from, const std::string& to) {
    steps_.push_back({"k_repeat",
                      "repeat",
                      fmt::format("mb{}times{}c{}", tokens_, s_.h, s_.dr),
                      {{"src", from}, {"dst", to}}});
  }
  void behind_past(const std::string& which, std::int64_t features) {
    steps_.push_back(
        {which + "_concat",
         "concat",
         fmt::format("mb{}a{}b{}", s_.mb, s_.past * features, s_.l * features),
         {{"src0", which + "_past"}, {"src1", which + "_new"}, {"dst", which + "_all"}}});
  }

 private:
  std::vector<Step>& steps_;
  const Shape& s_;
  std::int64_t tokens_;
};

void add_queries(Steps& steps, const Shape& s) {
  const std::string source = s.ql != 0 ? "q_latent" : "src";
  const std::int64_t features = s.ql != 0 ? s.ql : s.e;
  if (s.ql != 0) {
    steps.linear("q_down", "src", s.e, "q_raw", s.ql);
    steps.norm("q_norm", "q_raw", s.ql, "q_latent");
  }
  steps.linear("q_own", source, features, "q_own_all", s.h * s.d);
  steps.rotary("q_rotary", source, features, "q_rotary_all", s.h);
  steps.join("q_join", "q_own_all", "q_rotary_all", "q_all");
}

void add_keys_and_values(Steps& steps, const Shape& s) {
  const std::string made = s.past != 0 ? "_new" : "_all";
  steps.linear("kv_down", "src", s.e, "kv_raw", s.kvl);
  steps.rotary("k_rotary", "src", s.e, "k_shared", 1);
  steps.norm("kv_norm", "kv_raw", s.kvl, "kv_latent");
  steps.linear("k_own", "kv_latent", s.kvl, "k_own_all", s.h * s.d);
  steps.linear("v", "kv_latent", s.kvl, "v" + made, s.h * s.dv);
  steps.repeat("k_shared", "k_rotary_all");
  steps.join("k_join", "k_own_all", "k_rotary_all", "k" + made);
  if (s.past != 0) {
    steps.behind_past("k", s.h * (s.d + s.dr));
    steps.behind_past("v", s.h * s.dv);
  }
}

std::vector<Operand> given(const Shape& s) {
  std::vector<Operand> operands{{"src", {s.mb, s.l, s.e}, Role::input}};
  if (s.past != 0) {
    operands.push_back({"k_past", {s.mb, s.past, s.h * (s.d + s.dr)}, Role::input});
    operands.push_back({"v_past", {s.mb, s.past, s.h * s.dv}, Role::input});
  }
  if (s.rope != 0) {
    operands.push_back({"cos", {s.l, s.dr / 2}, Role::input});
    operands.push_back({"sin", {s.l, s.dr / 2}, Role::input});
  }
  operands.push_back({"dst", {s.mb, s.l, s.e}, Role::output});
  return operands;
}

}  // namespace

Composition Layer::composition(const Shape& s) {
  Composition made{given(s), {}};
  Steps steps(made, s);
  add_queries(steps, s);
  add_keys_and_values(steps, s);
  made.steps.push_back(
      {"core",
       "sdpa",
       fmt::format("mb{}h{}lq{}lk{}d{}dv{}causal{}", s.mb, s.h, s.l, s.s, s.d + s.dr, s.dv,
                   s.causal),
       {{"src_q", "q_all"}, {"src_k", "k_all"}, {"src_v", "v_all"}, {"dst", "heads"}}});
  steps.linear("out", "heads", s.h * s.dv, "dst", s.e);
  return made;
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t latent = std::max(s.kvl, s.ql);
  const std::int64_t head = std::max(s.d + s.dr, s.dv);
  const std::int64_t heads = s.h * std::max(head, s.dv);
  if (pass == Pass::forward) {
    return nested_sums_tolerance({s.e, latent, latent, head, s.s, s.h * s.dv}, dtype);
  }
  return nested_sums_tolerance({s.e, s.e, latent, latent, head, s.s + s.l, heads, s.mb * s.s},
                               dtype);
}

}  // namespace flopmeter::mla
