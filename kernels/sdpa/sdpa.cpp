#include "kernels/sdpa/sdpa.h"

#include "kernels/tolerance.h"

namespace flopmeter::sdpa {

Shape Layer::complete(Shape s) {
  if (s.h == unset || s.lq == unset || s.d == unset) {
    bad_input("sdpa needs h, lq and d, as in mb32h8lq16d64");
  }
  s.hkv = s.hkv == unset ? s.h : s.hkv;
  s.lk = s.lk == unset ? s.lq : s.lk;
  check_flag(name, "causal", s.causal);
  if (s.h % s.hkv != 0) {
    bad_input("sdpa: hkv {} must divide h {}", s.hkv, s.h);
  }
  if (s.causal != 0 && s.lk < s.lq) {
    bad_input("sdpa: causal, but of {} queries only {} have a key", s.lq, s.lk);
  }
  return s;
}

std::string Layer::print(const Shape& s) {
  Values values = to_values<Layer>(s);
  values[2] = s.hkv == s.h ? unset : s.hkv;
  values[4] = s.lk == s.lq ? unset : s.lk;
  return print_fields(field_infos<Layer>(), values, always_printed);
}

namespace {

/// Pairs of a query and a key that it sees, in one head.
std::int64_t pairs(const Shape& s) {
  const std::int64_t all = checked_multiply(s.lq, s.lk);
  return s.causal != 0 ? all - s.lq * (s.lq - 1) / 2 : all;
}

}  // namespace

std::vector<Variable> Layer::variables(const Shape& s) {
  return {{"e", checked_multiply(s.h, s.d)}, {"pairs", pairs(s)}};
}

Shape Layer::padded_out(const Shape& s) {
  Shape full = s;
  full.causal = 0;
  return full;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> q{s.mb, s.lq, s.h * s.d};
  const std::vector<std::int64_t> kv{s.mb, s.lk, s.hkv * s.d};
  const std::vector<std::int64_t> p{s.mb, s.h, s.lq, s.lk};
  if (pass == Pass::forward) {
    return {{"src_q", q, Role::input},
            {"src_k", kv, Role::input},
            {"src_v", kv, Role::input},
            {"probabilities", p, Role::saved},
            {"dst", q, Role::output}};
  }
  return {{"src_q", q, Role::input},        {"src_k", kv, Role::input},
          {"src_v", kv, Role::input},       {"probabilities", p, Role::input},
          {"diff_dst", q, Role::input},     {"diff_src_q", q, Role::output},
          {"diff_src_k", kv, Role::output}, {"diff_src_v", kv, Role::output}};
}

namespace {

/// In one head of one sample: scores, scaling, softmax, sum of values.
OpCounts forward_counts(const Shape& s) {
  const std::int64_t n = pairs(s);
  OpCounts counts = sums_of_products(n, s.d, false) + OpCounts{.multiplies = n};
  counts = counts +
           OpCounts{.adds = n + n - s.lq, .divides = n, .exponentials = n, .comparisons = n - s.lq};
  const std::int64_t values = checked_multiply(n, s.d);
  return counts + OpCounts{.macs = values, .multiplies = values, .adds = values - s.lq * s.d};
}

/// The gradients of scores and queries, without those of keys and values.
OpCounts query_gradient_counts(const Shape& s) {
  const std::int64_t n = pairs(s);
  const std::int64_t products = checked_multiply(n, s.d);
  OpCounts counts = sums_of_products(n, s.d, false);
  counts = counts + OpCounts{.macs = n, .multiplies = n, .adds = n - s.lq};
  counts = counts + OpCounts{.multiplies = 2 * n, .adds = n};
  return counts + OpCounts{.macs = products, .multiplies = products, .adds = products - s.lq * s.d};
}

OpCounts total(const Shape& s, Pass pass) {
  const std::int64_t heads = checked_multiply(s.mb, s.h);
  if (pass == Pass::forward) {
    return heads * forward_counts(s);
  }
  // Each element of the keys' and values' gradients is started once, by one head of its group.
  const std::int64_t products = checked_product(2, heads, pairs(s), s.d);
  const std::int64_t started = checked_product(2, s.mb, s.hkv, s.lk, s.d);
  return heads * query_gradient_counts(s) +
         OpCounts{.macs = products, .multiplies = products, .adds = products - started};
}

}  // namespace

Formula Layer::formula(const Shape& s, Pass pass) {
  return {0, total(padded_out(s), pass), total(s, pass)};
}

/// Probabilities are at most 1 and sum up to it, so that only the scores' error, of d terms and
/// scaled by 1/sqrt(d), reaches the result, and then the sums over keys; gradients of keys sum all
/// queries of a group.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t group = pass == Pass::forward ? 1 : s.h / s.hkv;
  Tolerance tolerance = sum_tolerance(2 * s.d + std::max(s.lk, group * s.lq), dtype);
  // What bf16 rounds between the products.
  tolerance.absolute += dtype == Dtype::f32 ? 0 : 16 * unit_roundoff(dtype);
  return tolerance;
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::sdpa
