// Rows of Eigen arrays with a step, assigned.
#include <Eigen/Core>
#include <variant>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/moves/moves.h"

namespace flopmeter::moves {
namespace {

/// n elements that lie `step` apart. A step of 0 repeats one, a negative one runs backwards.
template <class T>
void copy_row(std::int64_t n, const T* from, std::int64_t from_step, T* to, std::int64_t to_step) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  using Step = Eigen::InnerStride<>;
  using Source = Eigen::Map<const Array, 0, Step>;
  Eigen::Map<Array, 0, Step> y(to, n, Step(to_step));
  if (from_step == 0) {
    y = Array::Constant(n, *from);
  } else if (from_step < 0) {
    y = Source(from + (n - 1) * from_step, n, Step(-from_step)).reverse();
  } else if (from_step == 1 && to_step == 1) {
    Eigen::Map<Array>(to, n) = Eigen::Map<const Array>(from, n);
  } else {
    y = Source(from, n, Step(from_step));
  }
}

template <class T>
void run(const Loop& loop, const T* from, std::span<T> to, int threads) {
  if (loop.moved() != std::ssize(to)) {
    std::ranges::fill(to, T(0));
  }
  const std::size_t last = loop.extents.size() - 1;
  const Dims outer(loop.extents.begin(), loop.extents.end() - 1);
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;
  dims::for_each_index(outer, [&](const Dims& index) {
    std::int64_t a = loop.from_start;
    std::int64_t b = loop.to_start;
    for (std::size_t d = 0; d < last; ++d) {
      a += index[d] * loop.from_strides[d];
      b += index[d] * loop.to_strides[d];
    }
    rows.emplace_back(a, b);
  });
  eigen::share(std::ssize(rows), threads, [&](std::int64_t i) {
    const auto [a, b] = rows[static_cast<std::size_t>(i)];
    copy_row(loop.extents[last], from + a, loop.from_strides[last], to.data() + b,
             loop.to_strides[last]);
  });
}

Loop loop_of(const Row& row, const Values& v) { return row.loop(Table::lists_of(row, v)).merged(); }

}  // namespace

AnyBackend Table::eigen(const Row& row) {
  AnyBackend backend{.name = "eigen", .prepare = {}, .counted = {}, .stated = {}};
  backend.prepare = [&row](const Values& v, const Setup& setup,
                           Tensors<float>& tensors) -> Preparation {
    if (const auto reason = eigen::unavailable(setup)) {
      return *reason;
    }
    return Prepared{
        .run = [loop = loop_of(row, v), from = tensors["src"], to = tensors.find("dst")->data,
                threads = setup.threads] { run<float>(loop, from, to, threads); },
        .implementation = "Eigen rows with steps"};
  };
  backend.counted = [&row](const Values& v, Pass, Tensors<Counted<float>>& tensors) {
    run<Counted<float>>(loop_of(row, v), tensors["src"], tensors.find("dst")->data, 1);
  };
  backend.stated = [](const Values&, Pass) { return OpCounts{}; };
  return backend;
}

}  // namespace flopmeter::moves
