#include "kernels/einsum/einsum.h"

#include "kernels/families/dims/dims.h"
#include "kernels/families/table/absent.h"
#include "kernels/tolerance.h"

namespace flopmeter::einsum {
namespace {

constexpr std::string_view form = "labels and both operands, as in bij,bjk->bik:4x2x3:4x3x5";

/// The labels of "bij,bjk->bik".
struct Labels {
  std::string_view first, second, result;
};

Labels labels_of(std::string_view equation, std::string_view whole) {
  const std::size_t comma = equation.find(',');
  const std::size_t arrow = equation.find("->");
  if (comma == std::string_view::npos || arrow == std::string_view::npos || arrow < comma) {
    bad_input("einsum shape '{}' has no labels of two operands and a result: write {}", whole,
              form);
  }
  const Labels labels{equation.substr(0, comma), equation.substr(comma + 1, arrow - comma - 1),
                      equation.substr(arrow + 2)};
  for (const std::string_view part : {labels.first, labels.second, labels.result}) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] < 'A' || (part[i] > 'Z' && part[i] < 'a') || part[i] > 'z') {
        bad_input("einsum shape '{}': '{}' is no label, which are letters: write {}", whole,
                  part[i], form);
      }
      if (part.find(part[i], i + 1) != std::string_view::npos) {
        bad_input("einsum shape '{}': label {} stands twice in '{}': diagonals are not known",
                  whole, part[i], part);
      }
    }
  }
  return labels;
}

bool has(std::string_view labels, char label) {
  return labels.find(label) != std::string_view::npos;
}

/// Throws BadInput unless there is one dimension for each label.
void check_rank(std::string_view labels, const dims::Dims& dims, std::string_view whole) {
  if (labels.size() != dims.size()) {
    bad_input("einsum shape '{}': {} labels '{}' but dimensions {}", whole, labels.size(), labels,
              dims::print(dims));
  }
}

/// The size of a label of the second operand; it must be that of the first where both have it.
void add_label(Shape& s, char label, std::int64_t size, const Labels& labels, bool in_first) {
  const bool both = has(labels.first, label) && has(labels.second, label);
  const bool kept = has(labels.result, label);
  std::int64_t& product = both       ? (kept ? s.b : s.k)
                          : in_first ? (kept ? s.m : s.s)
                                     : (kept ? s.n : s.t);
  if (!both || in_first) {
    product = checked_multiply(product, size);
  }
}

}  // namespace

Shape Layer::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    bad_input("einsum shape '{}' has no dimensions: write {}", text, form);
  }
  const Labels labels = labels_of(text.substr(0, colon), text);
  const auto lists = dims::parse_lists(text.substr(colon + 1), name, 2, 2, form);
  check_rank(labels.first, lists[0], text);
  check_rank(labels.second, lists[1], text);
  Shape s{1, 1, 1, 1, 1, 1};
  for (std::size_t i = 0; i < labels.first.size(); ++i) {
    add_label(s, labels.first[i], lists[0][i], labels, true);
  }
  for (std::size_t i = 0; i < labels.second.size(); ++i) {
    const char label = labels.second[i];
    const std::size_t other = labels.first.find(label);
    if (other != std::string_view::npos && lists[0][other] != lists[1][i]) {
      bad_input("einsum shape '{}': label {} is {} and {}", text, label, lists[0][other],
                lists[1][i]);
    }
    add_label(s, label, lists[1][i], labels, false);
  }
  for (const char label : labels.result) {
    if (!has(labels.first, label) && !has(labels.second, label)) {
      bad_input("einsum shape '{}': label {} of the result is in no operand", text, label);
    }
  }
  return s;
}

/// Labels of one kind as one, those of 1 left out.
std::string Layer::print(const Shape& s) {
  struct Label {
    char name;
    std::int64_t size;
    bool first, second, result;
  };
  const std::array<Label, 6> all{{{'b', s.b, true, true, true},
                                  {'m', s.m, true, false, true},
                                  {'s', s.s, true, false, false},
                                  {'t', s.t, false, true, false},
                                  {'k', s.k, true, true, false},
                                  {'n', s.n, false, true, true}}};
  std::string first;
  std::string second;
  std::string result;
  std::vector<dims::Dims> lists(2);
  for (const Label& label : all) {
    // m and n always stand there, so that no operand is without a dimension.
    if (label.size == 1 && label.name != 'm' && label.name != 'n') {
      continue;
    }
    if (label.first) {
      first += label.name;
      lists[0].push_back(label.size);
    }
    if (label.second) {
      second += label.name;
      lists[1].push_back(label.size);
    }
    result += label.result ? std::string(1, label.name) : "";
  }
  return fmt::format("{},{}->{}:{}", first, second, result, dims::print(lists));
}

std::vector<Operand> Layer::operands(const Shape& s, Pass pass) {
  const std::vector<std::int64_t> a{s.b, s.m, s.s, s.k};
  const std::vector<std::int64_t> b{s.b, s.t, s.k, s.n};
  const std::vector<std::int64_t> y{s.b, s.m, s.n};
  if (pass == Pass::forward) {
    return {{"src0", a, Role::input}, {"src1", b, Role::input}, {"dst", y, Role::output}};
  }
  return {{"src0", a, Role::input},
          {"src1", b, Role::input},
          {"diff_dst", y, Role::input},
          {"diff_src0", a, Role::output},
          {"diff_src1", b, Role::output}};
}

Formula Layer::formula(const Shape& s, Pass pass) {
  const std::int64_t of_a = checked_product(s.b, s.m, s.k, s.s - 1);
  const std::int64_t of_b = checked_product(s.b, s.k, s.n, s.t - 1);
  const OpCounts sums{.adds = checked_add(of_a, of_b)};
  if (pass == Pass::forward) {
    return unpadded(0, sums + sums_of_products(checked_product(s.b, s.m, s.n), s.k, false));
  }
  return unpadded(0, sums + sums_of_products(checked_product(s.b, s.m, s.k), s.n, false) +
                         sums_of_products(checked_product(s.b, s.k, s.n), s.m, false));
}

Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const std::int64_t alone = checked_multiply(s.s, s.t);
  return sum_tolerance(checked_multiply(pass == Pass::forward ? s.k : std::max(s.m, s.n),
                                        checked_multiply(2, alone)),
                       dtype);
}

std::vector<Backend<Shape>> Layer::backends() {
  return {reference_backend<Layer>(),
          {"eigen", prepare_eigen, counted_eigen, stated_eigen},
          absent<Shape, "oneDNN has no einsum; its products are those of matmul, measured there">(
              "onednn")};
}

}  // namespace flopmeter::einsum
