#include "kernels/attention/attention.h"

#include "kernels/tolerance.h"

namespace flopmeter::attention {

Shape Layer::complete(Shape s) {
  if (s.l == unset || s.e == unset || s.h == unset) {
    bad_input("attention needs l, e and h, as in mb32l16e512h8");
  }
  s.hkv = s.hkv == unset ? s.h : s.hkv;
  s.s = s.s == unset ? checked_add(s.l, s.past) : s.s;
  check_flag(name, "cross", s.cross);
  check_flag(name, "causal", s.causal);
  check_flag(name, "bias", s.bias);
  if (s.e % s.h != 0 || s.h % s.hkv != 0) {
    bad_input("attention: h {} must divide e {}, and hkv {} must divide h", s.h, s.e, s.hkv);
  }
  if (s.cross != 0 && s.causal + s.past != 0) {
    bad_input("attention: cross attention is neither causal nor has it a past");
  }
  if (s.cross == 0 && s.s != s.l + s.past) {
    bad_input("attention: s is {}, but l and past make {}; cross1 for another sequence", s.s,
              s.l + s.past);
  }
  return s;
}

std::string Layer::print(const Shape& s) {
  Values values = to_values<Layer>(s);
  values[2] = s.s == s.l + s.past ? unset : s.s;
  values[5] = s.hkv == s.h ? unset : s.hkv;
  return print_fields(field_infos<Layer>(), values, always_printed);
}

std::vector<Variable> Layer::variables(const Shape& s) { return {{"d", s.d()}, {"kv", s.kv()}}; }

Shape Layer::padded_out(const Shape& s) {
  Shape full = s;
  full.causal = 0;
  return full;
}

namespace {

std::string projection(std::int64_t tokens, std::int64_t from, std::int64_t to, std::int64_t bias) {
  return fmt::format("mb{}ic{}oc{}bias{}", tokens, from, to, bias);
}

/// Keys or values: projected, behind the cached ones.
void add_keys(Composition& made, const Shape& s, const std::string& which) {
  const std::string source = s.cross != 0 ? "src_kv" : "src";
  const std::string all = which + "_all";
  const std::string shape = projection(s.mb * (s.s - s.past), s.e, s.kv(), s.bias);
  made.steps.push_back(
      {which, "linear", shape, {{"src", source}, {"dst", s.past != 0 ? which + "_new" : all}}});
  if (s.past != 0) {
    made.steps.push_back({which + "_concat",
                          "concat",
                          fmt::format("mb{}a{}b{}", s.mb, s.past * s.kv(), (s.s - s.past) * s.kv()),
                          {{"src0", which + "_past"}, {"src1", which + "_new"}, {"dst", all}}});
  }
}

std::vector<Operand> given(const Shape& s) {
  std::vector<Operand> operands{{"src", {s.mb, s.l, s.e}, Role::input}};
  if (s.cross != 0) {
    operands.push_back({"src_kv", {s.mb, s.s, s.e}, Role::input});
  }
  if (s.past != 0) {
    operands.push_back({"k_past", {s.mb, s.past, s.kv()}, Role::input});
    operands.push_back({"v_past", {s.mb, s.past, s.kv()}, Role::input});
  }
  operands.push_back({"dst", {s.mb, s.l, s.e}, Role::output});
  return operands;
}

}  // namespace

Composition Layer::composition(const Shape& s) {
  const std::string outer = projection(s.mb * s.l, s.e, s.e, s.bias);
  Composition made{given(s), {{"q", "linear", outer, {{"src", "src"}, {"dst", "q_all"}}}}};
  add_keys(made, s, "k");
  add_keys(made, s, "v");
  made.steps.push_back(
      {"core",
       "sdpa",
       fmt::format("mb{}h{}hkv{}lq{}lk{}d{}causal{}", s.mb, s.h, s.hkv, s.l, s.s, s.d(), s.causal),
       {{"src_q", "q_all"}, {"src_k", "k_all"}, {"src_v", "v_all"}, {"dst", "heads"}}});
  made.steps.push_back({"out", "linear", outer, {{"src", "heads"}, {"dst", "dst"}}});
  return made;
}

/// Scores are sums over a head of products of sums over all features, and softmax makes their error
/// one of the probabilities.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t tokens = s.mb * std::max(s.l, s.s);
  if (pass == Pass::forward) {
    return nested_sums_tolerance({s.e + s.bias, s.e + s.bias, s.d(), s.s, s.e + s.bias}, dtype);
  }
  return nested_sums_tolerance({s.e, s.e + s.bias, s.d(), s.s + s.l, s.e, tokens}, dtype);
}

}  // namespace flopmeter::attention
