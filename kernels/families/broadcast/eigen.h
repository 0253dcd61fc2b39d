// c = a op b by Eigen, in rows as long as the repetition allows. A layer gives the operation as
// `Operation::of(a, b)` of two array expressions.
#pragma once

#include <Eigen/Core>
#include <variant>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/support.h"
#include "kernels/families/broadcast/merged.h"
#include "kernels/families/eltwise/pieces.h"

namespace flopmeter::broadcast {

/// Where a piece of a row begins, and whether the sources are one number all along it.
template <class T>
struct Piece {
  const T* a;
  const T* b;
  T* c;
  std::int64_t length;
  bool a_repeated;
  bool b_repeated;
};

template <class Operation, class T>
void combine(const Piece<T>& p) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  using Source = Eigen::Map<const Array>;
  Eigen::Map<Array> c(p.c, p.length);
  if (p.a_repeated) {
    c = Operation::of(Array::Constant(p.length, *p.a), Source(p.b, p.length));
  } else if (p.b_repeated) {
    c = Operation::of(Source(p.a, p.length), Array::Constant(p.length, *p.b));
  } else {
    c = Operation::of(Source(p.a, p.length), Source(p.b, p.length));
  }
}

/// The first elements of a row.
struct Row {
  std::int64_t c, a, b;
};

template <class Operation, class T>
void combine_rows(const Shape& s, const T* a, const T* b, T* c, int threads) {
  const std::int64_t length = s.c()[3];
  const bool a_repeated = s.a3 < length;
  const bool b_repeated = s.b3 < length;
  const auto combine_part = [&](const Row& row, std::int64_t begin, std::int64_t part) {
    combine<Operation>(Piece<T>{a + row.a + (a_repeated ? 0 : begin),
                                b + row.b + (b_repeated ? 0 : begin), c + row.c + begin, part,
                                a_repeated, b_repeated});
  };
  std::vector<Row> rows;
  for_rows(s, [&](auto... starts) { rows.push_back({starts...}); });
  if (rows.size() == 1) {
    eltwise::in_pieces(length, threads, [&](std::int64_t begin, std::int64_t part) {
      combine_part(rows[0], begin, part);
    });
    return;
  }
  eigen::share(std::ssize(rows), threads,
               [&](std::int64_t i) { combine_part(rows[static_cast<std::size_t>(i)], 0, length); });
}

template <class Operation>
Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& t) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{
      .run = [s = merged(s), a = t["src0"], b = t["src1"], c = t["dst"],
              threads = setup.threads] { combine_rows<Operation>(s, a, b, c, threads); },
      .implementation = "Eigen array expression"};
}

/// The operations are those of the reference, and so are the counts.
template <class L, class Operation>
Backend<Shape> eigen_backend() {
  return {"eigen", prepare_eigen<Operation>,
          [](const Shape& s, Pass, Tensors<Counted<float>>& t) {
            combine_rows<Operation, Counted<float>>(merged(s), t["src0"], t["src1"], t["dst"], 1);
          },
          [](const Shape& s, Pass pass) { return L::formula(s, pass).in_bounds; }};
}

}  // namespace flopmeter::broadcast
