#include "kernels/sdpa/sdpa.h"

#include <algorithm>

#include "kernels/tolerance.h"

namespace flopmeter::sdpa {

namespace {

/// Where queries stand among keys: both keys 0 where it does not matter, else one of them 1.
void complete_alignment(Shape& s) {
  const bool matters = s.causal != 0 || s.window != 0;
  const bool both_given = s.topleft != unset && s.bottomright != unset;
  if (!matters) {
    if (s.topleft > 0 || s.bottomright > 0) {
      bad_input(
          "sdpa: topleft and bottomright say where causal queries or those with a window "
          "stand: causal1 or a window is missing");
    }
    s.topleft = s.bottomright = 0;
    return;
  }
  if (both_given && s.topleft == s.bottomright) {
    bad_input("sdpa: one of topleft1 and bottomright1, not both or neither");
  }
  s.topleft = s.topleft != unset ? s.topleft : s.bottomright == 0 ? 1 : 0;
  s.bottomright = 1 - s.topleft;
}

void check_mask(const Shape& s) {
  if (s.mask == 0) {
    return;
  }
  if (s.causal != 0 || s.window != 0) {
    bad_input("sdpa: a mask of {} pairs is all there is: neither causal nor a window", s.mask);
  }
  if (s.mask > checked_multiply(s.lq, s.lk)) {
    bad_input("sdpa: a mask of {} pairs, but there are {} x {}", s.mask, s.lq, s.lk);
  }
}

}  // namespace

Shape Layer::complete(Shape s) {
  if (s.h == unset || s.lq == unset || s.d == unset) {
    bad_input("sdpa needs h, lq and d, as in mb32h8lq16d64");
  }
  s.hkv = s.hkv == unset ? s.h : s.hkv;
  s.lk = s.lk == unset ? s.lq : s.lk;
  s.dv = s.dv == unset ? s.d : s.dv;
  check_flag(name, "causal", s.causal);
  check_flag(name, "sink", s.sink);
  check_flag(name, "topleft", std::max<std::int64_t>(s.topleft, 0));
  check_flag(name, "bottomright", std::max<std::int64_t>(s.bottomright, 0));
  if (s.h % s.hkv != 0) {
    bad_input("sdpa: hkv {} must divide h {}", s.hkv, s.h);
  }
  checked_add(s.lq, s.lk);
  complete_alignment(s);
  check_mask(s);
  return s;
}

/// The alignment is said where it matters.
std::string Layer::print(const Shape& s) {
  Shape short_form = s;
  const bool aligned = s.lq != s.lk && (s.causal != 0 || s.window != 0);
  short_form.hkv = s.hkv == s.h ? unset : s.hkv;
  short_form.lk = s.lk == s.lq ? unset : s.lk;
  short_form.dv = s.dv == s.d ? unset : s.dv;
  short_form.topleft = s.topleft != 0 ? 1 : unset;
  short_form.bottomright = aligned && s.bottomright != 0 ? 1 : unset;
  return print_fields(field_infos<Layer>(), to_values<Layer>(short_form), always_printed);
}

std::vector<Variable> Layer::variables(const Shape& s) {
  return {{"e", checked_multiply(s.h, s.d)}, {"pairs", s.pairs()}};
}

Shape Layer::padded_out(const Shape& s) {
  Shape full = s;
  full.causal = full.topleft = full.bottomright = full.window = full.mask = 0;
  return full;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> q{s.mb, s.lq, s.h * s.d};
  const std::vector<std::int64_t> k{s.mb, s.lk, s.hkv * s.d};
  const std::vector<std::int64_t> v{s.mb, s.lk, s.hkv * s.dv};
  const std::vector<std::int64_t> p{s.mb, s.h, s.lq, s.lk};
  const std::vector<std::int64_t> dst{s.mb, s.lq, s.h * s.dv};
  const std::vector<std::int64_t> rows{s.mb, s.h, s.lq};
  const std::vector<std::int64_t> sinks{s.h};
  std::vector<Operand> all;
  switch (pass) {
    case Pass::forward:
      all = {{"src_q", q, Role::input},  {"src_k", k, Role::input},
             {"src_v", v, Role::input},  {"sinks", sinks, Role::parameter},
             {"capped", p, Role::saved}, {"probabilities", p, Role::saved},
             {"dst", dst, Role::output}};
      break;
    case Pass::backward_data:
      all = {{"src_q", q, Role::input},       {"src_k", k, Role::input},
             {"src_v", v, Role::input},       {"probabilities", p, Role::input},
             {"capped", p, Role::input},      {"diff_dst", dst, Role::input},
             {"row_sums", rows, Role::saved}, {"diff_src_q", q, Role::output},
             {"diff_src_k", k, Role::output}, {"diff_src_v", v, Role::output}};
      break;
    case Pass::backward_weights:
      if (s.sink != 0) {
        all = {{"probabilities", p, Role::input},
               {"row_sums", rows, Role::input},
               {"diff_sinks", sinks, Role::output}};
      }
      break;
  }
  std::erase_if(all, [&](const Operand& o) {
    return (s.sink == 0 && (o.name == "sinks" || o.name == "row_sums")) ||
           (s.softcap == 0 && o.name == "capped");
  });
  return all;
}

namespace {

/// n products of `length` features, each started by one of them.
OpCounts weighted_sums(std::int64_t products, std::int64_t started, std::int64_t length) {
  const std::int64_t macs = checked_multiply(products, length);
  return {.macs = macs, .multiplies = macs, .adds = macs - checked_multiply(started, length)};
}

/// In one head of one sample: scores, scaling, softmax, sum of values.
OpCounts forward_counts(const Shape& s) {
  const std::int64_t n = s.pairs();
  const std::int64_t rows = s.seeing_queries();
  return sums_of_products(n, s.d, false) + OpCounts{.multiplies = n} +
         OpCounts{.adds = n + n - rows, .divides = n, .exponentials = n, .comparisons = n - rows} +
         weighted_sums(n, rows, s.dv) +
         (s.sink * rows) * OpCounts{.adds = 2, .exponentials = 1, .comparisons = 1} +
         (s.softcap != 0 ? n : 0) * OpCounts{.multiplies = 1, .divides = 1, .tanhs = 1};
}

/// What a sink's probability is, times the sums that backward_data leaves.
OpCounts sink_gradient_counts(const Shape& s) {
  const std::int64_t rows = s.seeing_queries();
  if (s.sink == 0 || rows == 0) {
    return {};
  }
  const std::int64_t all = checked_multiply(s.mb, rows);
  return s.h *
         (OpCounts{.adds = checked_multiply(s.mb, s.pairs())} + sums_of_products(1, all, false));
}

/// The gradients of scores and queries, without those of keys and values.
OpCounts query_gradient_counts(const Shape& s) {
  const std::int64_t n = s.pairs();
  const std::int64_t rows = s.seeing_queries();
  return sums_of_products(n, s.dv, false) + OpCounts{.macs = n, .multiplies = n, .adds = n - rows} +
         OpCounts{.multiplies = 2 * n, .adds = n} + weighted_sums(n, rows, s.d) +
         (s.softcap != 0 ? n : 0) * OpCounts{.multiplies = 2, .adds = 1};
}

OpCounts total(const Shape& s, Pass pass) {
  const std::int64_t heads = checked_multiply(s.mb, s.h);
  if (pass == Pass::forward) {
    return heads * forward_counts(s);
  }
  if (pass == Pass::backward_weights) {
    return sink_gradient_counts(s);
  }
  // Each element of the keys' and values' gradients is started once, by one head of its group.
  const std::int64_t products = checked_multiply(heads, s.pairs());
  const std::int64_t started = checked_product(s.mb, s.hkv, s.seen_keys());
  return heads * query_gradient_counts(s) +
         weighted_sums(products, started, checked_add(s.d, s.dv));
}

}  // namespace

Formula Layer::formula(const Shape& s, Pass pass) {
  return {s.sink * s.h, total(padded_out(s), pass), total(s, pass)};
}

/// Probabilities are at most 1 and sum up to it, so that only the scores' error, of d terms and
/// scaled by 1/sqrt(d), reaches the result, and then the sums over keys; gradients of keys sum all
/// queries of a group.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  if (pass == Pass::backward_weights) {
    return nested_sums_tolerance({s.dv, s.lk + 1, s.mb * s.lq}, dtype);
  }
  const std::int64_t group = pass == Pass::forward ? 1 : s.h / s.hkv;
  Tolerance tolerance =
      sum_tolerance(2 * std::max(s.d, s.dv) + std::max(s.lk, group * s.lq), dtype);
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
