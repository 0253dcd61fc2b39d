#include "kernels/unary/unary.h"

#include "kernels/eigen/pieces.h"
#include "kernels/eigen/support.h"
#include "kernels/families/dims/dims.h"
#include "kernels/sizes.h"

namespace flopmeter::unary {
namespace {

/// A tensor, written as benchdnn's: mb1ic64ih112, mb128ic3072, 2x32x3x2.
struct Shape {
  std::int64_t mb, ic, id, ih, iw;
};

Shape shape_of(const Values& v) { return {v.at(0), v.at(1), v.at(2), v.at(3), v.at(4)}; }
Values values_of(const Shape& s) { return {s.mb, s.ic, s.id, s.ih, s.iw}; }

/// The rank does not matter to a function of each element: dimensions behind the fifth are one with
/// it.
Values of_dims(const std::vector<std::int64_t>& dims) {
  const auto at = [&](std::size_t i) { return i < dims.size() ? dims[i] : 1; };
  std::int64_t last = 1;
  for (std::size_t i = 4; i < dims.size(); ++i) {
    last = checked_multiply(last, dims[i]);
  }
  switch (dims.size()) {
    case 3:
      return {at(0), at(1), 1, 1, at(2)};
    case 4:
      return {at(0), at(1), 1, at(2), at(3)};
    default:
      return {at(0), at(1), at(2), at(3), last};
  }
}

OpCounts operations(const Row& row, Pass pass) {
  return pass == Pass::forward ? row.forward : row.backward;
}

}  // namespace

std::vector<FieldInfo> Table::fields(const Row&) {
  return {{"mb", 2, 1, 1, 5, "samples or tokens"},
          {"ic", unset, 1, 1, 40, "channels or features"},
          {"id", unset, 1, 1, 2, "depth"},
          {"ih", unset, 1, 1, 5, "height"},
          {"iw", unset, 1, 1, 5, "width"}};
}

std::vector<Pass> Table::passes(const Row& row) {
  if (row.reads == Reads::nothing) {
    return {Pass::forward};
  }
  return {Pass::forward, Pass::backward_data};
}

Values Table::parse(const Row& row, std::string_view text) {
  if (dims::is_list(text)) {
    return of_dims(dims::parse_list(text, row.name, text));
  }
  return parse_fields(fields(row), row.name, text);
}

/// As benchdnn: giving only the highest spatial dimension means a square or a cube.
Values Table::complete(const Row& row, Values v) {
  Shape s = shape_of(v);
  if (s.ic == unset) {
    bad_input(
        "{} needs ic, as in mb1ic64ih112 or mb128ic3072, or all dimensions, as in 1x64x112x112",
        row.name);
  }
  complete_sizes(s);
  return values_of(s);
}

std::string Table::print(const Row& row, const Values& v) {
  Shape s = shape_of(v);
  const bool flat = s.id == 1 && s.ih == 1 && s.iw == 1;
  const bool cube = s.id != 1 && s.id == s.ih && s.ih == s.iw;
  const Shape shortest{s.mb, s.ic, s.id == 1 ? unset : s.id, flat || cube ? unset : s.ih,
                       s.ih == s.iw ? unset : s.iw};
  constexpr std::array<std::string_view, 2> always{"mb", "ic"};
  return print_fields(fields(row), values_of(shortest), always);
}

std::int64_t Table::elements_of(const Values& v) {
  const Shape s = shape_of(v);
  return checked_product(s.mb, s.ic, s.id, s.ih, s.iw);
}

std::vector<Variable> Table::variables(const Row&, const Values& v) {
  return {{"elements", elements_of(v)}};
}

std::vector<Operand> Table::operands(const Row& row, const Values& v, Pass pass) {
  if (pass == Pass::forward) {
    return {{"src", v, Role::input, row.domain}, {"dst", v, Role::output}};
  }
  return {{read_by(row), v, Role::input, row.reads == Reads::x ? row.domain : Domain{}},
          {"diff_dst", v, Role::input},
          {"diff_src", v, Role::output}};
}

Formula Table::formula(const Row& row, const Values& v, Pass pass) {
  return unpadded(0, elements_of(v) * operations(row, pass));
}

/// Each operation rounds once, and the polynomials that libraries have for transcendental functions
/// err by up to four roundings, oneDNN's log near 1 by fifty; twice their sum leaves room for those
/// on the way that are larger than 1 or than the result. Taking a neighbour's x is off by about 0.5.
Tolerance Table::tolerance(const Row& row, const Values&, Pass pass, Dtype dtype) {
  const OpCounts o = operations(row, pass);
  const std::int64_t roundings = o.multiplies + o.adds + o.divides + o.square_roots +
                                 4 * (o.exponentials + o.tanhs + o.erfs + o.trigonometrics) +
                                 64 * o.logarithms;
  const double error = 2 * static_cast<double>(roundings) * unit_roundoff(Dtype::f32);
  return {.absolute = error, .relative = 2 * unit_roundoff(dtype) + error};
}

AnyBackend Table::eigen(const Row& row) {
  AnyBackend backend{.name = "eigen", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup,
                           Tensors<float>& tensors) -> Preparation {
    if (const auto reason = eigen::unavailable(setup)) {
      return *reason;
    }
    return Prepared{.run =
                        [&row, n = elements_of(v), x = tensors["src"], y = tensors["dst"],
                         threads = setup.threads] {
                          eigen::in_pieces(n, threads,
                                           [&](std::int64_t begin, std::int64_t length) {
                                             row.eigen(length, x + begin, y + begin);
                                           });
                        },
                    .implementation = row.array ? "Eigen array expression" : "Eigen unaryExpr"};
  };
  backend.counted = [&row](const Values& v, Pass, Tensors<Counted<float>>& tensors) {
    row.counted_eigen(elements_of(v), tensors["src"], tensors["dst"]);
  };
  backend.stated = [&row](const Values& v, Pass pass) { return formula(row, v, pass).in_bounds; };
  return backend;
}

AnyBackend Table::onednn(const Row& row) {
  AnyBackend backend{.name = "onednn", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup, Tensors<float>& tensors) {
    return prepare_onednn(row, v, setup, tensors);
  };
  return backend;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = [] {
    std::vector<Row> joined;
    for (auto part : {activation_rows(), piecewise_rows(), elementary_rows(), type_rows(),
                      trigonometric_rows(), whole_number_rows()}) {
      joined.insert(joined.end(), part.begin(), part.end());
    }
    return joined;
  }();
  return all;
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() { return describe_rows<Table>(rows(), shapes_of); }

}  // namespace flopmeter::unary
