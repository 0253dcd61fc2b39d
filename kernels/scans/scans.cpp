#include "kernels/scans/scans.h"

#include "kernels/families/table/absent.h"
#include "kernels/scans/selective_scan.h"
#include "kernels/tolerance.h"

namespace flopmeter::scans {

CumSum::Shape CumSum::complete(const Shape& s) {
  if (s.n == unset) {
    bad_input("cumsum needs n, as in mb8n128dim64");
  }
  check_flag(name, "exclusive", s.exclusive);
  check_flag(name, "reverse", s.reverse);
  return s;
}

std::vector<Operand> CumSum::operands(const Shape& s, Pass pass) {
  const bool forward = pass == Pass::forward;
  return {{forward ? "src" : "diff_dst", {s.mb, s.n, s.dim}, Role::input},
          {forward ? "dst" : "diff_src", {s.mb, s.n, s.dim}, Role::output}};
}

Formula CumSum::formula(const Shape& s, Pass) {
  const std::int64_t adds = std::max<std::int64_t>(s.n - 1 - s.exclusive, 0);
  return unpadded(0, {.adds = checked_product(s.mb, s.dim, adds)});
}

Tolerance CumSum::tolerance(const Shape& s, Pass, Dtype dtype) { return sum_tolerance(s.n, dtype); }

std::vector<Backend<CumSum::Shape>> CumSum::backends() {
  return {reference_backend<CumSum>(), absent<Shape, "Eigen's core has no cumulative sum">("eigen"),
          absent<Shape, "oneDNN has no cumulative sum">("onednn")};
}

namespace {

/// Taps of one channel of one sample that meet an input: all but those before the start.
std::int64_t taps(const CausalConv1d::Shape& s) {
  const std::int64_t missing = s.k - 1 - s.past;  // of the first output
  const std::int64_t outputs = std::min(s.l, missing);
  return checked_multiply(s.l, s.k) - (outputs * missing - outputs * (outputs - 1) / 2);
}

OpCounts counts(const CausalConv1d::Shape& s, Pass pass) {
  const std::int64_t rows = checked_multiply(s.mb, s.c);
  const std::int64_t macs = checked_multiply(rows, taps(s));
  OpCounts counts{.macs = macs, .multiplies = macs, .adds = macs};
  switch (pass) {
    case Pass::forward:
      counts.adds -= s.bias != 0 ? 0 : checked_multiply(rows, s.l);
      break;
    case Pass::backward_data:
      counts.adds -= checked_multiply(rows, s.inputs());
      break;
    case Pass::backward_weights: {
      // Taps that never meet an input have no gradient.
      const std::int64_t idle = std::max<std::int64_t>(0, s.k - s.inputs());
      counts.adds -= checked_multiply(s.c, s.k - idle);
      if (s.bias != 0) {
        counts.adds =
            checked_add(counts.adds, checked_multiply(s.c, checked_multiply(s.mb, s.l) - 1));
      }
      break;
    }
  }
  return counts;
}

}  // namespace

CausalConv1d::Shape CausalConv1d::complete(const Shape& s) {
  if (s.c == unset || s.l == unset) {
    bad_input("causal_conv1d needs c and l, as in mb1c1536l128k4");
  }
  if (s.past >= s.k) {
    bad_input("causal_conv1d: past is {}, must be below k = {}: no tap looks further back", s.past,
              s.k);
  }
  check_flag(name, "bias", s.bias);
  return s;
}

std::vector<Variable> CausalConv1d::variables(const Shape& s) { return {{"taps", taps(s)}}; }

CausalConv1d::Shape CausalConv1d::padded_out(const Shape& s) {
  Shape padded = s;
  padded.past = s.k - 1;
  return padded;
}

std::vector<Operand> CausalConv1d::operands(const Shape& s, Pass pass) {
  return weighted_operands({.x = {s.mb, s.c, s.inputs()},
                            .weights = {s.c, s.k},
                            .y = {s.mb, s.c, s.l},
                            .biases = s.bias != 0 ? s.c : 0},
                           pass);
}

Formula CausalConv1d::formula(const Shape& s, Pass pass) {
  const std::int64_t parameters = checked_multiply(s.c, s.k + s.bias);
  return {parameters, counts(padded_out(s), pass), counts(s, pass)};
}

Tolerance CausalConv1d::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  return sum_tolerance(pass == Pass::backward_weights ? checked_multiply(s.mb, s.l) : s.k + s.bias,
                       dtype);
}

std::vector<Backend<CausalConv1d::Shape>> CausalConv1d::backends() {
  return {reference_backend<CausalConv1d>(),
          absent<Shape, "Eigen's core has no convolution; conv1d with g = ic = oc has one of ours">(
              "eigen"),
          absent<Shape, "oneDNN runs it as conv1d with g = ic = oc, which is measured there">(
              "onednn")};
}

Rotary::Shape Rotary::complete(Shape s) {
  if (s.l == unset || s.h == unset || s.d == unset) {
    bad_input("rotary needs l, h and d, as in mb1l128h32d64");
  }
  s.rot = s.rot == unset ? s.d : s.rot;
  if (s.rot % 2 != 0 || s.rot > s.d) {
    bad_input("rotary: rot is {}, must be even and at most d = {}", s.rot, s.d);
  }
  return s;
}

std::string Rotary::print(const Shape& s) {
  Shape shortest = s;
  shortest.rot = s.rot == s.d ? unset : s.rot;
  return print_fields(field_infos<Rotary>(), to_values<Rotary>(shortest), always_printed);
}

std::vector<Operand> Rotary::operands(const Shape& s, Pass pass) {
  const bool forward = pass == Pass::forward;
  return {{forward ? "src" : "diff_dst", {s.mb, s.l, s.h, s.d}, Role::input},
          {"cos", {s.l, s.rot / 2}, Role::input},
          {"sin", {s.l, s.rot / 2}, Role::input},
          {forward ? "dst" : "diff_src", {s.mb, s.l, s.h, s.d}, Role::output}};
}

Formula Rotary::formula(const Shape& s, Pass) {
  const std::int64_t rotated = checked_product(s.mb, s.l, s.h, s.rot);
  return unpadded(0, {.multiplies = checked_multiply(2, rotated), .adds = rotated});
}

Tolerance Rotary::tolerance(const Shape&, Pass, Dtype dtype) { return sum_tolerance(2, dtype); }

std::vector<Backend<Rotary::Shape>> Rotary::backends() {
  return {reference_backend<Rotary>(),
          {"eigen", prepare_rotary_eigen, counted_rotary_eigen,
           [](const Shape& s, Pass pass) { return formula(s, pass).dense; }},
          absent<Shape, "oneDNN has no rotary embedding">("onednn")};
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() {
  return {describe<CumSum>(shapes_of("cumsum")), describe<CausalConv1d>(shapes_of("causal_conv1d")),
          describe<SelectiveScan>(shapes_of("selective_scan")),
          describe<Rotary>(shapes_of("rotary"))};
}

}  // namespace flopmeter::scans
