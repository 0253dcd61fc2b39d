#include "kernels/matmul/matmul.h"

#include <charconv>

#include "kernels/tolerance.h"

namespace flopmeter::matmul {
namespace {

constexpr std::string_view form = "m x k : k x n, as in 32x512:512x1000 or 12x128x64:12x64x128";

std::int64_t parse_dim(std::string_view text, std::string_view whole) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    bad_input("matmul shape '{}': '{}' is beyond 2^63 - 1", whole, text);
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    bad_input("matmul shape '{}': '{}' is no dimension: write {}", whole, text, form);
  }
  if (value < 1) {
    bad_input("matmul shape '{}': dimension {} must be at least 1", whole, value);
  }
  return value;
}

/// Batch (the product of all but the last two dimensions), rows and columns of "12x128x64".
struct Descriptor {
  std::int64_t batch, rows, columns;
};

Descriptor parse_matrix(std::string_view text, std::string_view whole) {
  std::vector<std::int64_t> dims;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    dims.push_back(parse_dim(text.substr(at, end - at), whole));
    at = end + 1;
  }
  if (dims.size() < 2) {
    bad_input("matmul shape '{}': '{}' needs two dimensions: write {}", whole, text, form);
  }
  Descriptor matrix{1, dims[dims.size() - 2], dims.back()};
  for (std::size_t i = 0; i + 2 < dims.size(); ++i) {
    matrix.batch = checked_multiply(matrix.batch, dims[i]);
  }
  return matrix;
}

std::string print_matrix(std::int64_t batch, std::int64_t rows, std::int64_t columns,
                         bool batched) {
  return batched ? fmt::format("{}x{}x{}", batch, rows, columns)
                 : fmt::format("{}x{}", rows, columns);
}

}  // namespace

Shape Layer::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    bad_input("matmul shape '{}' has no colon: write {}", text, form);
  }
  const std::size_t options = std::min(text.find('_'), text.size());
  const Descriptor a = parse_matrix(text.substr(0, colon), text);
  const Descriptor b = parse_matrix(text.substr(colon + 1, options - colon - 1), text);
  if (a.columns != b.rows) {
    bad_input("matmul shape '{}': A has {} columns but B has {} rows", text, a.columns, b.rows);
  }
  Shape shape = to_shape<Layer>(parse_fields(field_infos<Layer>(), name, text.substr(options)));
  shape.ba = a.batch;
  shape.bb = b.batch;
  shape.m = a.rows;
  shape.k = a.columns;
  shape.n = b.columns;
  return shape;
}

Shape Layer::complete(Shape s) {
  if (s.m == unset || s.k == unset || s.n == unset) {
    bad_input("matmul needs m, k and n: write {}", form);
  }
  if (s.ba != s.bb && s.ba != 1 && s.bb != 1) {
    bad_input("matmul: batches {} and {} must be equal, or one of them 1", s.ba, s.bb);
  }
  check_flag(name, "ta", s.ta);
  check_flag(name, "tb", s.tb);
  check_flag(name, "bias", s.bias);
  return s;
}

std::string Layer::print(const Shape& s) {
  const bool batched = s.batch() > 1;
  std::string text = fmt::format("{}:{}", print_matrix(s.ba, s.m, s.k, batched),
                                 print_matrix(s.bb, s.k, s.n, batched));
  text += s.ta != 0 ? "_ta1" : "";
  text += s.tb != 0 ? "_tb1" : "";
  text += s.bias != 0 ? "_bias1" : "";
  return text;
}

std::vector<Variable> Layer::variables(const Shape& s) { return {{"batch", s.batch()}}; }

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  using Dims = std::vector<std::int64_t>;
  return weighted_operands({.x = s.ta != 0 ? Dims{s.ba, s.k, s.m} : Dims{s.ba, s.m, s.k},
                            .weights = s.tb != 0 ? Dims{s.bb, s.n, s.k} : Dims{s.bb, s.k, s.n},
                            .y = {s.batch(), s.m, s.n},
                            .biases = s.bias * s.n,
                            .role = Role::input},
                           pass);
}

namespace {

/// The length of the sums of a pass.
std::int64_t terms(const Shape& s, Pass pass) {
  switch (pass) {
    case Pass::backward_data:
      return checked_multiply(s.n, s.batch() / s.ba);
    case Pass::backward_weights:
      return checked_multiply(s.m, s.batch() / s.bb);
    case Pass::forward:
      break;
  }
  return s.k;
}

}  // namespace

Formula Layer::formula(const Shape& s, Pass pass) {
  const std::int64_t parameters = s.bias * s.n;
  const std::int64_t length = terms(s, pass);
  switch (pass) {
    case Pass::backward_data:
      return unpadded(parameters, sums_of_products(checked_product(s.ba, s.m, s.k), length, false));
    case Pass::backward_weights:
      return unpadded(parameters,
                      sums_of_products(checked_product(s.bb, s.k, s.n), length, false) +
                          s.bias * OpCounts{.adds = checked_multiply(
                                                s.n, checked_multiply(s.batch(), s.m) - 1)});
    case Pass::forward:
      break;
  }
  return unpadded(parameters,
                  sums_of_products(checked_product(s.batch(), s.m, s.n), length, s.bias != 0));
}

/// The gradient of the bias sums all rows of the batch.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const bool sums_rows = pass == Pass::backward_weights && s.bias != 0;
  return sum_tolerance(sums_rows ? s.batch() * s.m : terms(s, pass) + s.bias, dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          {"onednn", prepare_onednn}};
}

}  // namespace flopmeter::matmul
