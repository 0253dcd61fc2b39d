#include "kernels/families/broadcast/broadcast.h"

#include <charconv>

#include "kernels/tolerance.h"

namespace flopmeter::broadcast {
namespace {

constexpr std::string_view form = "a x b : c x d with up to 4 dimensions, as in 2x3x4:2x1x4";

std::int64_t parse_dim(std::string_view text, std::string_view layer, std::string_view whole) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    bad_input("{} shape '{}': '{}' is beyond 2^63 - 1", layer, whole, text);
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    bad_input("{} shape '{}': '{}' is no dimension: write {}", layer, whole, text, form);
  }
  return value;
}

/// "3x4" is {1, 1, 3, 4}.
Dims parse_dims(std::string_view text, std::string_view layer, std::string_view whole) {
  std::vector<std::int64_t> given;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    given.push_back(parse_dim(text.substr(at, end - at), layer, whole));
    at = end + 1;
  }
  Dims dims{1, 1, 1, 1};
  if (given.size() > dims.size()) {
    bad_input("{} shape '{}': '{}' has more than 4 dimensions", layer, whole, text);
  }
  std::ranges::copy_backward(given, dims.end());
  return dims;
}

std::string print_dims(const Dims& dims, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < dims.size(); ++i) {
    text += fmt::format("{}{}", i == from ? "" : "x", dims[i]);
  }
  return text;
}

}  // namespace

std::int64_t product(const Dims& dims) {
  return checked_product(dims[0], dims[1], dims[2], dims[3]);
}

std::int64_t repetitions(const Shape& s, const Dims& source) {
  return product(s.c()) / product(source);
}

Shape parse(std::string_view layer, std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    bad_input("{} shape '{}' has no colon: write {}", layer, text, form);
  }
  const Dims a = parse_dims(text.substr(0, colon), layer, text);
  const Dims b = parse_dims(text.substr(colon + 1), layer, text);
  return {a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]};
}

Shape completed(std::string_view layer, const Shape& s) {
  const Dims a = s.a();
  const Dims b = s.b();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && a[i] != 1 && b[i] != 1) {
      bad_input("{}: dimensions {} and {} must be equal, or one of them 1", layer, a[i], b[i]);
    }
  }
  return s;
}

std::string print(const Shape& s) {
  const Dims c = s.c();
  const auto* const first = std::ranges::find_if(c, [](std::int64_t dim) { return dim != 1; });
  const auto from = static_cast<std::size_t>(std::min(first - c.begin(), std::ptrdiff_t{3}));
  return fmt::format("{}:{}", print_dims(s.a(), from), print_dims(s.b(), from));
}

std::vector<Operand> operands(const Shape& s, Pass pass, bool reads_sources) {
  const auto dims = [](const Dims& d) { return std::vector<std::int64_t>(d.begin(), d.end()); };
  const std::vector<Operand> sources{{"src0", dims(s.a()), Role::input},
                                     {"src1", dims(s.b()), Role::input}};
  std::vector<Operand> all;
  if (pass == Pass::forward || reads_sources) {
    all = sources;
  }
  if (pass == Pass::forward) {
    all.push_back({"dst", dims(s.c()), Role::output});
  } else {
    all.push_back({"diff_dst", dims(s.c()), Role::input});
    all.push_back({"diff_src0", dims(s.a()), Role::output});
    all.push_back({"diff_src1", dims(s.b()), Role::output});
  }
  return all;
}

Tolerance tolerance(const Shape& s, Pass pass, Dtype dtype) {
  if (pass == Pass::forward) {
    return {.absolute = 0, .relative = 2 * unit_roundoff(dtype)};
  }
  return sum_tolerance(std::max(repetitions(s, s.a()), repetitions(s, s.b())), dtype);
}

Dims strides(const Dims& source) {
  Dims result{};
  std::int64_t stride = 1;
  for (std::size_t i = source.size(); i-- > 0;) {
    result[i] = source[i] == 1 ? 0 : stride;
    stride *= source[i];
  }
  return result;
}

}  // namespace flopmeter::broadcast
