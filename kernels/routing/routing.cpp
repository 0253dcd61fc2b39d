#include "kernels/routing/routing.h"

#include "kernels/tolerance.h"

namespace flopmeter::routing {

Shape Layer::complete(Shape s) {
  if (s.experts == unset || s.active == unset) {
    bad_input("routing needs experts and active, as in mb16experts8active2");
  }
  if (s.active > s.experts) {
    bad_input("routing: active is {}, but there are {} experts", s.active, s.experts);
  }
  if (s.experts > most_experts) {
    bad_input("routing: experts is {}, must be at most {}", s.experts, most_experts);
  }
  return s;
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> all{s.mb, s.experts};
  const std::vector<std::int64_t> chosen{s.mb, s.active};
  const Domain places{Domain::Kind::index, s.experts};
  if (pass == Pass::forward) {
    return {{"src", all, Role::input},
            {"indices", chosen, Role::output, places},
            {"shares", chosen, Role::output}};
  }
  return {{"indices", chosen, Role::input, places},
          {"shares", chosen, Role::input},
          {"diff_shares", chosen, Role::input},
          {"diff_src", all, Role::output}};
}

namespace {

/// Of experts - j that are left, the largest takes one comparison less.
std::int64_t comparisons(const Shape& s) {
  return checked_multiply(s.active, s.experts - 1) - s.active * (s.active - 1) / 2;
}

OpCounts softmax_of_chosen(const Shape& s) {
  return {.adds = 2 * s.active - 1, .divides = s.active, .exponentials = s.active};
}

}  // namespace

Formula Layer::formula(const Shape& s, Pass pass) {
  if (pass == Pass::forward) {
    return unpadded(0, s.mb * (softmax_of_chosen(s) + OpCounts{.comparisons = comparisons(s)}));
  }
  return unpadded(0, s.mb * (sums_of_products(1, s.active, false) +
                             OpCounts{.multiplies = s.active, .adds = s.active}));
}

Tolerance Layer::tolerance(const Shape& s, Pass, Dtype dtype) {
  Tolerance tolerance = sum_tolerance(2 * s.active + 4, dtype);
  tolerance.relative *= 4;
  return tolerance;
}

Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&) {
  return Unavailable{"oneDNN has no primitive that chooses the largest"};
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::routing
