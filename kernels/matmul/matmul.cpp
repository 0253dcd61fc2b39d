#include "kernels/matmul/matmul.h"

#include <charconv>
#include <span>

#include "kernels/openblas/openblas.h"
#include "kernels/tolerance.h"

namespace flopmeter::matmul {
namespace {

constexpr std::string_view form = "m x k : k x n, as in 32x512:512x1000 or 12x128x64:12x64x128";

constexpr std::array a_axes{&Shape::a12, &Shape::a11, &Shape::a10, &Shape::a9, &Shape::a8,
                            &Shape::a7,  &Shape::a6,  &Shape::a5,  &Shape::a4};
constexpr std::array b_axes{&Shape::b12, &Shape::b11, &Shape::b10, &Shape::b9, &Shape::b8,
                            &Shape::b7,  &Shape::b6,  &Shape::b5,  &Shape::b4};
constexpr std::size_t innermost = most_axes - 1;
static_assert(a_axes.size() == innermost && b_axes.size() == innermost);

/// The innermost axis is what the others leave of the whole batch.
template <class Members>
Axes axes_of(const Shape& s, const Members& outer, std::int64_t matrices) {
  Axes axes{};
  for (std::size_t i = 0; i < innermost; ++i) {
    axes[i] = s.*outer[i];
  }
  axes[innermost] = 1;
  axes[innermost] = matrices / total(axes);
  return axes;
}

template <class Members>
void assign(Shape& s, const Members& outer, std::int64_t Shape::*matrices, const Axes& axes) {
  for (std::size_t i = 0; i < innermost; ++i) {
    s.*outer[i] = axes[i];
  }
  s.*matrices = total(axes);
}

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

/// "4x1x8x16": its batch axes, rows and columns, and how many dimensions are written.
struct Descriptor {
  Axes axes;
  std::int64_t rows, columns;
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
  if (dims.size() > most_axes + 2) {
    bad_input("matmul shape '{}': '{}' has more than {} dimensions", whole, text, most_axes + 2);
  }
  Descriptor matrix{{}, dims[dims.size() - 2], dims.back()};
  matrix.axes.fill(1);
  std::copy_backward(dims.begin(), dims.end() - 2, matrix.axes.end());
  return matrix;
}

/// Batch axes, from the first that is not 1 in either source.
std::vector<std::int64_t> shown_axes(const Shape& s, const Axes& axes) {
  const Axes all = s.c();
  const auto* const first = std::ranges::find_if(all, [](std::int64_t axis) { return axis != 1; });
  return {axes.begin() + (first - all.begin()), axes.end()};
}

std::vector<std::int64_t> dims(const Shape& s, const Axes& axes, std::int64_t rows,
                               std::int64_t columns) {
  std::vector<std::int64_t> all = shown_axes(s, axes);
  all.insert(all.end(), {rows, columns});
  return all;
}

void check_batch(const Axes& a, const Axes& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && a[i] != 1 && b[i] != 1) {
      bad_input(
          "matmul: batches {} and {} (dimension {} from the last) must be equal, or one of them 1",
          a[i], b[i], most_axes + 2 - i);
    }
  }
}

void check_divides(std::string_view key, std::int64_t matrices, const Axes& axes) {
  if (total(axes) != matrices) {
    bad_input("matmul: {} is {}, which is no multiple of its outer batch axes", key, matrices);
  }
}

}  // namespace

Axes Shape::a() const { return axes_of(*this, a_axes, ba); }
Axes Shape::b() const { return axes_of(*this, b_axes, bb); }

Shape Shape::folded() const {
  Shape s = *this;
  Axes of_a = a();
  const Axes of_b = b();
  for (std::size_t i = of_a.size(); ta == 0 && i-- > 0 && of_b[i] == 1;) {
    s.m *= of_a[i];
    of_a[i] = 1;
  }
  s.set_axes(of_a, of_b);
  return s;
}

void Shape::set_axes(const Axes& of_a, const Axes& of_b) {
  assign(*this, a_axes, &Shape::ba, of_a);
  assign(*this, b_axes, &Shape::bb, of_b);
}

namespace {
constexpr std::size_t first_option = 5;
constexpr std::size_t options_count = 3;
static_assert(Layer::fields[first_option].key == "ta");
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
  const std::vector<FieldInfo> infos = field_infos<Layer>();
  const auto option_fields = std::span(infos).subspan(first_option, options_count);
  const Values given = parse_fields(option_fields, name, text.substr(options));
  Shape shape{1, 1, a.rows, a.columns, b.columns, given[0], given[1], given[2]};
  shape.set_axes(a.axes, b.axes);
  return shape;
}

Shape Layer::complete(Shape s) {
  if (s.m == unset || s.k == unset || s.n == unset) {
    bad_input("matmul needs m, k and n: write {}", form);
  }
  check_divides("ba", s.ba, s.a());
  check_divides("bb", s.bb, s.b());
  check_batch(s.a(), s.b());
  check_flag(name, "ta", s.ta);
  check_flag(name, "tb", s.tb);
  check_flag(name, "bias", s.bias);
  return s;
}

std::string Layer::print(const Shape& s) {
  std::string text = fmt::format("{}:{}", fmt::join(dims(s, s.a(), s.m, s.k), "x"),
                                 fmt::join(dims(s, s.b(), s.k, s.n), "x"));
  text += s.ta != 0 ? "_ta1" : "";
  text += s.tb != 0 ? "_tb1" : "";
  text += s.bias != 0 ? "_bias1" : "";
  return text;
}

std::vector<Variable> Layer::variables(const Shape& s) { return {{"batch", s.batch()}}; }

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  return weighted_operands(
      {.x = s.ta != 0 ? dims(s, s.a(), s.k, s.m) : dims(s, s.a(), s.m, s.k),
       .weights = s.tb != 0 ? dims(s, s.b(), s.n, s.k) : dims(s, s.b(), s.k, s.n),
       .y = dims(s, s.c(), s.m, s.n),
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
          {"onednn", prepare_onednn},
          {"openblas", openblas::prepare}};
}

}  // namespace flopmeter::matmul
