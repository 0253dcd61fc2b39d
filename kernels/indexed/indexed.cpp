#include "kernels/indexed/indexed.h"

#include "kernels/families/table/absent.h"
#include "kernels/indexed/selection.h"
#include "kernels/tolerance.h"

namespace flopmeter::indexed {
namespace {

/// Of mb tensors, as many rows as there are places, as far as there are as many.
std::int64_t looked_up(const Shape& s) { return checked_product(s.mb, std::min(s.n, s.m), s.dim); }

void require_places(std::string_view layer, std::int64_t n) {
  if (n > most_rows) {
    bad_input("{}: n is {}, at most {}: f32 holds no larger places exactly", layer, n, most_rows);
  }
}

}  // namespace

Shape completed(std::string_view layer, const Shape& s) {
  if (s.n == unset || s.m == unset) {
    bad_input("{} needs n and m, as in n30522m128dim768", layer);
  }
  require_places(layer, s.n);
  return s;
}

std::vector<Operand> Gather::operands(const Shape& s, Pass pass) {
  const Operand indices{"indices", {s.m}, Role::input, places(s)};
  if (pass == Pass::forward) {
    return {{"src", {s.mb, s.n, s.dim}, Role::input, {}, looked_up(s)},
            indices,
            {"dst", {s.mb, s.m, s.dim}, Role::output}};
  }
  return {indices,
          {"diff_dst", {s.mb, s.m, s.dim}, Role::input},
          {"diff_src", {s.mb, s.n, s.dim}, Role::output}};
}

Formula Gather::formula(const Shape& s, Pass pass) {
  return unpadded(0, {.adds = pass == Pass::forward ? 0 : checked_product(s.mb, s.m, s.dim)});
}

Tolerance Gather::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  return pass == Pass::forward ? Tolerance{} : sum_tolerance(s.m, dtype);
}

std::vector<Backend<Shape>> Gather::backends() {
  return {reference_backend<Gather>(),
          absent<Shape, "Eigen's indexed views are scalar loops">("eigen"),
          absent<Shape, "oneDNN has no primitive that looks up rows">("onednn")};
}

std::vector<Backend<Shape>> Scatter::backends() {
  return {reference_backend<Scatter>(),
          absent<Shape, "Eigen's indexed views are scalar loops">("eigen"),
          absent<Shape, "oneDNN has no primitive that replaces rows">("onednn")};
}

std::vector<Operand> ScatterAdd::operands(const Shape& s, Pass pass) {
  if (pass == Pass::forward) {
    return forward_operands(s);
  }
  return {{"indices", {s.m}, Role::input, places(s)},
          {"diff_dst", {s.mb, s.n, s.dim}, Role::input},
          {"diff_src", {s.mb, s.n, s.dim}, Role::output},
          {"diff_updates", {s.mb, s.m, s.dim}, Role::output}};
}

Formula ScatterAdd::formula(const Shape& s, Pass pass) {
  return unpadded(0, {.adds = pass == Pass::forward ? checked_product(s.mb, s.m, s.dim) : 0});
}

Tolerance ScatterAdd::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  return pass == Pass::forward ? sum_tolerance(checked_add(s.m, 1), dtype) : Tolerance{};
}

std::vector<Backend<Shape>> ScatterAdd::backends() {
  return {reference_backend<ScatterAdd>(),
          absent<Shape, "Eigen's indexed views are scalar loops">("eigen"),
          absent<Shape, "oneDNN has no primitive that adds to rows">("onednn")};
}

std::vector<Operand> EmbeddingBag::operands(const Shape& s, Pass pass) {
  const Operand indices{"indices", {s.mb, s.m}, Role::input, places(s)};
  const std::int64_t rows = std::min(s.n, checked_multiply(s.mb, s.m));
  if (pass == Pass::forward) {
    return {indices,
            {"weights", {s.n, s.dim}, Role::parameter, {}, checked_multiply(rows, s.dim)},
            {"dst", {s.mb, s.dim}, Role::output}};
  }
  return {indices,
          {"diff_dst", {s.mb, s.dim}, Role::input},
          {"diff_weights", {s.n, s.dim}, Role::output}};
}

Formula EmbeddingBag::formula(const Shape& s, Pass pass) {
  const std::int64_t terms = pass == Pass::forward ? s.m - 1 : s.m;
  return unpadded(checked_multiply(s.n, s.dim), {.adds = checked_product(s.mb, terms, s.dim)});
}

Tolerance EmbeddingBag::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  return sum_tolerance(pass == Pass::forward ? s.m : checked_multiply(s.mb, s.m), dtype);
}

std::vector<Backend<Shape>> EmbeddingBag::backends() {
  return {reference_backend<EmbeddingBag>(),
          absent<Shape, "Eigen's indexed views are scalar loops">("eigen"),
          absent<Shape, "oneDNN has no primitive that looks up rows">("onednn")};
}

Shape TopK::complete(const Shape& s) {
  const Shape whole = completed(name, s);
  if (whole.dim != 1) {
    bad_input("topk orders rows of numbers: dim is {}, must be 1 (mb are the rows)", whole.dim);
  }
  if (whole.m > whole.n) {
    bad_input("topk: m is {}, there are only n = {} numbers", whole.m, whole.n);
  }
  return whole;
}

std::vector<Operand> TopK::operands(const Shape& s, Pass pass) {
  if (pass != Pass::forward) {
    return {{"places", {s.mb, s.m}, Role::input, places(s)},
            {"diff_dst", {s.mb, s.m}, Role::input},
            {"diff_src", {s.mb, s.n}, Role::output}};
  }
  return {{"src", {s.mb, s.n}, Role::input},
          {"dst", {s.mb, s.m}, Role::output},
          {"places", {s.mb, s.m}, Role::output}};
}

/// n - 1 for the first, one fewer for each that follows; nothing on the way back.
Formula TopK::formula(const Shape& s, Pass pass) {
  if (pass != Pass::forward) {
    return {};
  }
  const std::int64_t all = checked_multiply(s.m, s.n - 1);
  const std::int64_t fewer = checked_multiply(s.m, s.m - 1) / 2;
  return unpadded(0, {.comparisons = checked_multiply(s.mb, all - fewer)});
}

std::vector<Backend<Shape>> TopK::backends() {
  return {reference_backend<TopK>(), absent<Shape, "Eigen has no order of elements">("eigen"),
          absent<Shape, "oneDNN has no primitive that orders elements">("onednn")};
}

NonMaxShape NonMax::complete(const Shape& s) {
  if (s.n == unset || s.m == unset) {
    bad_input("nms needs n and m, as in c80n8400m100");
  }
  require_places(name, s.n);
  return s;
}

std::vector<Operand> NonMax::operands(const Shape& s, Pass) {
  return {{"boxes", {s.mb, s.n, 4}, Role::input},
          {"scores", {s.mb, s.c, s.n}, Role::input},
          {"overlap", {1}, Role::input},
          {"least", {1}, Role::input},
          {"dst", {checked_product(s.mb, s.c, s.most()), 3}, Role::output}};
}

std::vector<Backend<NonMaxShape>> NonMax::backends() {
  return {reference_backend<NonMax>(), absent<Shape, "Eigen has no selection of boxes">("eigen"),
          absent<Shape, "oneDNN has no primitive that selects boxes">("onednn")};
}

NonZeroShape NonZero::complete(const Shape& s) {
  if (s.n == unset) {
    bad_input("nonzero needs n, as in n1000");
  }
  require_places(name, s.n);
  return s;
}

std::vector<Operand> NonZero::operands(const Shape& s, Pass) {
  return {{"src", {s.n}, Role::input, {Domain::Kind::index, 2}}, {"dst", {s.n}, Role::output}};
}

std::vector<Backend<NonZeroShape>> NonZero::backends() {
  return {reference_backend<NonZero>(), absent<Shape, "Eigen has no search for elements">("eigen"),
          absent<Shape, "oneDNN has no primitive that searches for elements">("onednn")};
}

std::string_view shapes_of(std::string_view row);  // generated

std::vector<AnyLayer> described() {
  return {describe<Gather>(shapes_of("gather")),
          describe<Scatter>(shapes_of("scatter")),
          describe<ScatterAdd>(shapes_of("scatter_add")),
          describe<EmbeddingBag>(shapes_of("embedding_bag")),
          describe<TopK>(shapes_of("topk")),
          describe<NonMax>(shapes_of("nms")),
          describe<NonZero>(shapes_of("nonzero"))};
}

}  // namespace flopmeter::indexed
