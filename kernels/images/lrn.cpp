#include "kernels/images/lrn.h"

#include "kernels/families/table/absent.h"
#include "kernels/tolerance.h"

namespace flopmeter::images {

Lrn::Shape Lrn::complete(Shape s) {
  if (s.ic == unset) {
    bad_input("lrn needs ic, as in mb1ic96ih55ls5");
  }
  check_flag(name, "within", s.within);
  s.ih = s.ih == unset ? s.id : s.ih;
  s.iw = s.iw == unset ? s.ih : s.iw;
  checked_product(s.size, s.size, s.size);
  return s;
}

std::string Lrn::print(const Shape& s) {
  Shape short_one = s;
  short_one.iw = s.iw == s.ih ? unset : s.iw;
  short_one.ih = s.ih == s.id && short_one.iw == unset ? unset : s.ih;
  return print_fields(field_infos<Lrn>(), to_values<Lrn>(short_one), always_printed);
}

std::vector<Operand> Lrn::operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> dims{s.mb, s.ic, s.id, s.ih, s.iw};
  if (pass == Pass::forward) {
    return {{"src", dims, Role::input}, {"dst", dims, Role::output}};
  }
  return {{"src", dims, Role::input},
          {"diff_dst", dims, Role::input},
          {"diff_src", dims, Role::output}};
}

namespace {

/// Places within the windows along one axis of n: all but those below 0 and above n - 1.
std::int64_t window_places(const Lrn::Shape& s, std::int64_t n) {
  const auto missing = [&](std::int64_t reach) {
    const std::int64_t rows = std::min(reach, n);
    return checked_multiply(rows, reach) - checked_multiply(rows, rows - 1) / 2;
  };
  return checked_multiply(n, s.size) - missing(s.before()) - missing(s.behind());
}

}  // namespace

Formula Lrn::formula(const Shape& s, Pass pass) {
  const auto n = s.sample();
  std::int64_t terms = s.mb;
  for (std::size_t axis = 0; axis < n.size(); ++axis) {
    terms = checked_multiply(terms, s.windowed(axis) ? window_places(s, n.at(axis)) : n.at(axis));
  }
  const std::int64_t elements =
      checked_multiply(checked_product(s.mb, s.ic, s.id), checked_product(s.ih, s.iw));
  if (pass == Pass::forward) {
    return unpadded(0, {.multiplies = checked_multiply(4, elements),
                        .adds = terms,
                        .exponentials = elements,
                        .logarithms = elements});
  }
  return unpadded(0, {.multiplies = checked_multiply(7, elements),
                      .adds = checked_multiply(2, terms),
                      .divides = elements,
                      .exponentials = elements,
                      .logarithms = elements});
}

Tolerance Lrn::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t terms = s.neighbours() + 8;
  return sum_tolerance(pass == Pass::forward ? terms : 2 * terms, dtype);
}

std::vector<Backend<Lrn::Shape>> Lrn::backends() {
  return {reference_backend<Lrn>(),
          absent<Shape, "Eigen has no sums over a window">("eigen"),
          {"onednn", prepare_lrn}};
}

}  // namespace flopmeter::images
