// Recurrent layers by Eigen: products for all steps at a time over the input and for one step over
// the state, and array expressions for the cells.
#include <Eigen/Core>
#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/families/recurrent/base.h"

namespace flopmeter::recurrent {
namespace {

template <class T>
using Units = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstUnits = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class X>
auto logistic(const X& x) {
  using T = typename X::Scalar;
  return (T(1) + (-x).exp()).inverse();
}

/// One sample in one step: sums over the input (and state), the GRU's over the state.
template <class T>
struct Rows {
  std::int64_t n;
  T* sums;
  T* of_state;
  const T* h;
  T* c;  // of the step before, then of this one
  T* next_h;

  Units<T> sum(std::int64_t gate) const { return {sums + gate * n, n}; }
  Units<T> state_sum(std::int64_t gate) const { return {of_state + gate * n, n}; }
};

template <class T>
void activate(const Tanh&, const Rows<T>& s) {
  Units<T>(s.next_h, s.n) = s.sum(0).tanh();
}

template <class T>
void activate(const Lstm&, const Rows<T>& s) {
  Units<T> c(s.c, s.n);
  c = logistic(s.sum(1)) * c + logistic(s.sum(0)) * s.sum(2).tanh();
  Units<T>(s.next_h, s.n) = logistic(s.sum(3)) * c.tanh();
}

template <class T>
void activate(const Gru&, const Rows<T>& s) {
  Units<T> z = s.sum(1);
  z = logistic(s.sum(1) + s.state_sum(1));
  Units<T>(s.next_h, s.n) =
      (T(1) - z) * (s.sum(2) + logistic(s.sum(0) + s.state_sum(0)) * s.state_sum(2)).tanh() +
      z * ConstUnits<T>(s.h, s.n);
}

bool apart(const CellSizes& cell) { return cell.slots != cell.gates; }

/// Rows of a layer's input lie side by side with those that the run does not see.
eigen::GemmShape over_input(const Shape& s, std::int64_t rows, std::int64_t layer) {
  const std::int64_t input = s.input(layer);
  const std::int64_t stride = layer == 0 ? input : s.dir * s.width();
  return {s.places(), input, rows, {stride, false}, {input, true}, rows, s.bias != 0};
}

/// Of `samples`.
eigen::GemmShape over_state(const Shape& s, const CellSizes& cell, std::int64_t samples,
                            std::int64_t stride) {
  const std::int64_t rows = cell.rows(s);
  return {samples,
          s.state_in(),
          rows,
          {stride, false},
          {s.state_in(), true},
          rows,
          !apart(cell) || s.bias_vectors() == 2};
}

eigen::GemmShape projection(const Shape& s, std::int64_t samples) {
  return {samples, s.dhc, s.dic, {s.dhc, false}, {s.dhc, true}, s.dir * s.dic, false};
}

template <class T>
void start_rows(std::int64_t count, const AlignedVector<T>& bias, T* rows) {
  for (std::int64_t i = 0; i < count && !bias.empty(); ++i) {
    rows = std::ranges::copy(bias, rows).out;
  }
}

template <class Cell, class T>
class EigenForward {
 public:
  EigenForward(const Shape& s, Tensors<T>& tensors, int threads)
      : s_(s), tensors_(tensors), threads_(threads), rows_(Cell::sizes.rows(s)) {
    const auto allocate = [](std::int64_t size) {
      return AlignedVector<T>(static_cast<std::size_t>(size));
    };
    sums_ = allocate(s.places() * rows_);
    of_state_ = allocate(apart(Cell::sizes) ? s.mb * rows_ : 0);
    hidden_ = allocate(s.projected() ? s.mb * s.dhc : 0);
    input_bias_ = allocate(s.bias * rows_);
    state_bias_ = allocate(s.bias_vectors() == 2 ? rows_ : 0);
    before_ = allocate(s.packed() ? s.mb * s.width() : 0);
    const std::int64_t between = s.places() * s.dir * s.width();
    below_ = allocate(s.l > 1 ? between : 0);
    above_ = allocate(s.l > 2 ? between : 0);
    both_ = allocate(s.results() != s.dir ? between : 0);
  }

  void operator()() {
    const T* x = tensors_["src"];
    for (std::int64_t layer = 0; layer < s_.l; ++layer) {
      T* between = layer % 2 == 0 ? below_.data() : above_.data();
      T* y = layer < s_.l - 1 ? between : both_.empty() ? tensors_["dst"] : both_.data();
      for (std::int64_t direction = 0; direction < s_.dir; ++direction) {
        const bool own = layer > 0 && s_.seen() != s_.dir;
        run(Run(s_, layer, direction), x + (own ? direction * s_.width() : 0),
            y + direction * s_.width());
      }
      x = y;
    }
    if (!both_.empty()) {
      sum_directions();
    }
  }

 private:
  std::int64_t stride() const { return s_.dir * s_.width(); }

  void sum_directions() {
    const std::int64_t width = s_.width();
    for (std::int64_t at = 0; at < s_.places(); ++at) {
      const T* rows = both_.data() + at * stride();
      Units<T>(tensors_["dst"] + at * width, width) =
          ConstUnits<T>(rows, width) + ConstUnits<T>(rows + width, width);
    }
  }

  void run(const Run& run, const T* x, T* y) {
    const eigen::UseThreads inside(threads_);
    set_bias(run);
    start_rows(s_.places(), input_bias_, sums_.data());
    eigen::gemm(
        over_input(s_, rows_, run.layer), x,
        tensors_["weights_layer"] + weights_layer_offset(s_, Cell::sizes, run.layer, run.direction),
        sums_.data());
    const std::int64_t cells = s_.mb * s_.dhc;
    T* c = tensors_["dst_iter_c"];
    if (c != nullptr) {
      c += run.index * cells;
      std::copy_n(tensors_["src_iter_c"] + run.index * cells, cells, c);
    }
    for (std::int64_t i = 0; i < s_.t; ++i) {
      step(run, run.direction == 0 ? i : s_.t - 1 - i, c, y);
    }
    for (std::int64_t n = 0; n < s_.mb; ++n) {
      const std::int64_t last = run.step(run.lengths.of(n) - 1, n);
      std::copy_n(y + (run.lengths.offset(last) + n) * stride(), s_.width(),
                  tensors_["dst_iter"] + (run.index * s_.mb + n) * s_.width());
    }
  }

  void set_bias(const Run& run) {
    if (s_.bias == 0) {
      return;
    }
    const T* bias = tensors_["bias"] + s_.vectors * run.index * rows_;
    const ConstUnits<T> of_input(bias, rows_);
    Units<T> start(input_bias_.data(), rows_);
    if (s_.vectors == 1) {
      start = of_input;
      return;
    }
    const ConstUnits<T> of_state(bias + rows_, rows_);
    if (apart(Cell::sizes)) {
      start = of_input;
      Units<T>(state_bias_.data(), rows_) = of_state;
    } else {
      start = of_input + of_state;
    }
  }

  /// The states of the samples that reach `time` before that step.
  std::pair<const T*, std::int64_t> states_before(const Run& run, std::int64_t time, const T* y) {
    const std::int64_t width = s_.state_in();
    const std::int64_t before = run.direction == 0 ? time - 1 : time + 1;
    const T* initial = tensors_["src_iter"] + run.index * s_.mb * width;
    const std::int64_t known = before < 0 || before == s_.t ? 0 : run.lengths.active(before);
    if (known == 0) {
      return {initial, width};
    }
    const T* rows = y + run.lengths.offset(before) * stride();
    if (known >= run.lengths.active(time)) {
      return {rows, stride()};
    }
    for (std::int64_t n = 0; n < run.lengths.active(time); ++n) {  // shorter samples start here
      std::copy_n(n < known ? rows + n * stride() : initial + n * width, width,
                  before_.data() + n * width);
    }
    return {before_.data(), width};
  }

  void step(const Run& run, std::int64_t time, T* c, T* y) {
    const std::int64_t samples = run.lengths.active(time);
    const auto [h, h_stride] = states_before(run, time, y);
    T* sums = sums_.data() + run.lengths.offset(time) * rows_;
    T* of_state = apart(Cell::sizes) ? of_state_.data() : sums;
    if (apart(Cell::sizes)) {
      start_rows(samples, state_bias_, of_state);
    }
    eigen::gemm(over_state(s_, Cell::sizes, samples, h_stride), h,
                tensors_["weights_iter"] + run.index * rows_ * s_.state_in(), of_state);
    T* next = y + run.lengths.offset(time) * stride();
    T* hidden = s_.projected() ? hidden_.data() : next;
    const std::int64_t hidden_stride = s_.projected() ? s_.dhc : stride();
    eigen::share(samples, threads_, [&, h = h, h_stride = h_stride](std::int64_t n) {
      activate(Cell(), Rows<T>{s_.dhc, sums + n * rows_, of_state + n * rows_, h + n * h_stride,
                               c + (c != nullptr ? n * s_.dhc : 0), hidden + n * hidden_stride});
    });
    if (s_.projected()) {
      eigen::gemm(projection(s_, samples), hidden,
                  tensors_["weights_projection"] + run.index * s_.dic * s_.dhc, next);
    }
  }

  Shape s_;
  Tensors<T>& tensors_;
  int threads_;
  std::int64_t rows_;
  AlignedVector<T> sums_, of_state_, hidden_, input_bias_, state_bias_, before_, below_, above_,
      both_;
};

/// What the products of all steps do, each over the samples that reach it.
template <class Product>
OpCounts in_all_steps(const Shape& s, const Product& product) {
  const auto of = [&](std::int64_t samples) { return eigen::gemm_counts(product(samples)); };
  const Lengths lengths(s);
  OpCounts total = lengths.of_all() * of(s.mb);
  if (lengths.of_all() < s.t) {
    total = total + of(lengths.active(lengths.of_all())) + (s.t - lengths.of_all() - 1) * of(1);
  }
  return total;
}

OpCounts layer_counts(const Shape& s, const CellSizes& cell, const CellCounts& counts,
                      std::int64_t layer) {
  const std::int64_t rows = cell.rows(s);
  const std::int64_t units = checked_multiply(s.places(), s.dhc);
  OpCounts run =
      eigen::gemm_counts(over_input(s, rows, layer)) +
      in_all_steps(
          s, [&](std::int64_t samples) { return over_state(s, cell, samples, s.state_in()); }) +
      units * counts.forward;
  if (apart(cell)) {
    run = run + units * OpCounts{.adds = 2};
  } else {
    run = run + OpCounts{.adds = s.bias_vectors() == 2 ? rows : 0};
  }
  if (s.projected()) {
    run = run + in_all_steps(s, [&](std::int64_t samples) { return projection(s, samples); });
  }
  return s.dir * run;
}

}  // namespace

template <class Cell>
Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  const auto forward = std::make_shared<EigenForward<Cell, float>>(s, tensors, setup.threads);
  return Prepared{.run = [forward] { (*forward)(); },
                  .implementation = "Eigen products + array expressions"};
}

template <class Cell>
void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  EigenForward<Cell, Counted<float>>(s, tensors, 1)();
}

OpCounts eigen_counts(const Shape& s, const CellSizes& cell, const CellCounts& counts) {
  OpCounts total = layer_counts(s, cell, counts, 0);
  if (s.l > 1) {
    total = total + (s.l - 1) * layer_counts(s, cell, counts, 1);
  }
  if (s.results() != s.dir) {
    total = total + OpCounts{.adds = checked_multiply(s.places(), s.width())};
  }
  return total;
}

template Preparation prepare_eigen<Tanh>(const Shape&, const Setup&, Tensors<float>&);
template Preparation prepare_eigen<Lstm>(const Shape&, const Setup&, Tensors<float>&);
template Preparation prepare_eigen<Gru>(const Shape&, const Setup&, Tensors<float>&);
template void counted_eigen<Tanh>(const Shape&, Pass, Tensors<Counted<float>>&);
template void counted_eigen<Lstm>(const Shape&, Pass, Tensors<Counted<float>>&);
template void counted_eigen<Gru>(const Shape&, Pass, Tensors<Counted<float>>&);

}  // namespace flopmeter::recurrent
