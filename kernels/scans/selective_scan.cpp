#include "kernels/scans/selective_scan.h"

#include "kernels/families/table/absent.h"
#include "kernels/tolerance.h"

namespace flopmeter::scans {

SelectiveScan::Shape SelectiveScan::complete(const Shape& s) {
  if (s.l == unset || s.c == unset) {
    bad_input("selective_scan needs l and c, as in mb1l128c1536n16");
  }
  check_flag(name, "past", s.past);
  return s;
}

std::vector<Operand> SelectiveScan::operands(const Shape& s, Pass pass) {
  const Domain positive{Domain::Kind::positive};
  std::vector<Operand> given{{"src", {s.mb, s.l, s.c}, Role::input},
                             {"delta", {s.mb, s.l, s.c}, Role::input, positive},
                             {"b", {s.mb, s.l, s.n}, Role::input},
                             {"c", {s.mb, s.l, s.n}, Role::input}};
  if (s.past != 0) {
    given.push_back({"states", {s.mb, s.c, s.n}, Role::input});
  }
  const std::vector<Operand> weights{{"weights_a", {s.c, s.n}, Role::parameter, positive},
                                     {"weights_d", {s.c}, Role::parameter}};
  std::vector<Operand> all = given;
  all.insert(all.end(), weights.begin(), weights.end());
  const std::vector<std::int64_t> outputs{s.mb, s.l, s.c};
  switch (pass) {
    case Pass::forward:
      all.push_back({"dst", outputs, Role::output});
      break;
    case Pass::backward_data:
      all.push_back({"diff_dst", outputs, Role::input});
      all.push_back({"diff_src", given[0].dims, Role::output});
      all.push_back({"diff_delta", given[1].dims, Role::output});
      all.push_back({"diff_b", given[2].dims, Role::output});
      all.push_back({"diff_c", given[3].dims, Role::output});
      if (s.past != 0) {
        all.push_back({"diff_states", given[4].dims, Role::output});
      }
      break;
    case Pass::backward_weights:
      all.pop_back();  // no gradient depends on D but that of x
      all.push_back({"diff_dst", outputs, Role::input});
      all.push_back({"diff_weights_a", {s.c, s.n}, Role::output});
      all.push_back({"diff_weights_d", {s.c}, Role::output});
      break;
  }
  return all;
}

namespace {

/// What a pass does beside the states. Sums of products are MACs, stored products are not.
struct Work {
  std::int64_t features, tokens, states, rows;  // rows: of B and C
  std::int64_t decayed_tokens, decays;
};

OpCounts recurrence(const Work& w) {
  return {.multiplies = checked_add(checked_add(w.tokens, w.states), checked_multiply(2, w.decays)),
          .adds = w.decays,
          .exponentials = w.decays};
}

/// y: a sum over the states, and D * x.
OpCounts outputs(const Work& w, const SelectiveScan::Shape& s) {
  return sums_of_products(w.tokens, s.n, false) +
         OpCounts{.multiplies = w.tokens, .adds = w.tokens};
}

/// Of states: C * dy and what comes from behind; of those with one before: e * dh, times h. Of C and B: sums over
/// features; of d * x: over states; of d: x times this, less a sum over states; of x: two products.
OpCounts data_gradients(const Work& w, const SelectiveScan::Shape& s) {
  const std::int64_t behind = checked_product(w.features, s.l - 1, s.n);
  return OpCounts{.multiplies = checked_add(w.states, checked_multiply(2, w.decays)),
                  .adds = behind} +
         2 * sums_of_products(w.rows, s.c, false) + sums_of_products(w.tokens, s.n, false) +
         sums_of_products(w.decayed_tokens, s.n, false) +
         OpCounts{.multiplies = checked_multiply(3, w.tokens),
                  .adds = checked_add(w.tokens, w.decayed_tokens)};
}

/// The states' gradients where there is one before, and two sums over samples and tokens.
OpCounts weight_gradients(const Work& w, const SelectiveScan::Shape& s) {
  const std::int64_t behind =
      checked_product(w.features, std::max<std::int64_t>(s.decays() - 1, 0), s.n);
  const OpCounts decays =
      s.decays() == 0
          ? OpCounts{}
          : sums_of_products(checked_multiply(s.c, s.n), checked_multiply(s.mb, s.decays()), false);
  return OpCounts{.multiplies = checked_multiply(3, w.decays), .adds = behind} + decays +
         sums_of_products(s.c, checked_multiply(s.mb, s.l), false);
}

}  // namespace

Formula SelectiveScan::formula(const Shape& s, Pass pass) {
  const std::int64_t features = checked_multiply(s.mb, s.c);
  const std::int64_t tokens = checked_multiply(features, s.l);
  const std::int64_t decayed = checked_multiply(features, s.decays());
  const Work work{.features = features,
                  .tokens = tokens,
                  .states = checked_multiply(tokens, s.n),
                  .rows = checked_product(s.mb, s.l, s.n),
                  .decayed_tokens = decayed,
                  .decays = checked_multiply(decayed, s.n)};
  const OpCounts own = pass == Pass::forward         ? outputs(work, s)
                       : pass == Pass::backward_data ? data_gradients(work, s)
                                                     : weight_gradients(work, s);
  return unpadded(checked_multiply(s.c, s.n + 1), recurrence(work) + own);
}

/// States are sums over the tokens before; their gradients are sums over those behind, of which those of B and C are
/// summed over features and those of weights over samples and tokens.
Tolerance SelectiveScan::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  switch (pass) {
    case Pass::forward:
      break;
    case Pass::backward_data:
      return nested_sums_tolerance({s.l, s.l, std::max(s.n, s.c)}, dtype);
    case Pass::backward_weights:
      return nested_sums_tolerance({s.l, s.l, checked_multiply(s.mb, s.l)}, dtype);
  }
  return nested_sums_tolerance({s.l, s.n}, dtype);
}

std::vector<Backend<SelectiveScan::Shape>> SelectiveScan::backends() {
  return {reference_backend<SelectiveScan>(), absent<Shape, "Eigen has no scan">("eigen"),
          absent<Shape, "oneDNN has no scan">("onednn")};
}

}  // namespace flopmeter::scans
