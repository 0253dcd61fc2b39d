// The forward pass of recurrent layers in plain loops: gate sums, cell, projection.
//   a[r] = b1[r] + sum_i W[r,i] * x[i] + b2[r] + sum_k U[r,k] * h[k], of one vector there is no b2
#pragma once

#include <algorithm>

#include "kernels/families/recurrent/cells.h"
#include "kernels/families/recurrent/walk.h"

namespace flopmeter::recurrent {

template <class Cell, class T>
class Forward {
 public:
  Forward(const Shape& s, Tensors<T>& tensors)
      : s_(s),
        tensors_(tensors),
        src_(tensors["src"]),
        src_iter_(tensors["src_iter"]),
        weights_iter_(tensors["weights_iter"]),
        bias_(tensors["bias"]),
        states_(tensors["states"]),
        gates_(Cell::sizes.slots > 1 ? tensors["gates"] : states_) {}

  void operator()() {
    for (std::int64_t layer = 0; layer < s_.l; ++layer) {
      for (std::int64_t direction = 0; direction < s_.dir; ++direction) {
        run(Run(s_, layer, direction));
      }
    }
  }

 private:
  void run(const Run& run) {
    for (std::int64_t i = 0; i < s_.t; ++i) {
      for (std::int64_t n = 0; n < run.lengths.active(i); ++n) {
        const Place place(s_, run, i, n);
        sum(run, place);
        activate(place);
        if (run.layer == s_.l - 1) {
          to_result(run, place);
        }
        if (i == run.lengths.of(n) - 1) {
          copy_final(place);
        }
      }
    }
  }

  /// The two directions side by side, or summed.
  void to_result(const Run& run, const Place& place) {
    const std::int64_t width = s_.width();
    const T* state = states_ + place.in_run * width;
    const bool summed = s_.results() != s_.dir;
    T* dst = tensors_["dst"] + (place.at * s_.results() + (summed ? 0 : run.direction)) * width;
    for (std::int64_t k = 0; k < width; ++k) {
      dst[k] = summed && run.direction == 1 ? dst[k] + state[k] : state[k];
    }
  }

  void sum(const Run& run, const Place& place) {
    const CellSizes& cell = Cell::sizes;
    const InputRow<T> x(s_, run, place.at, src_, states_);
    const T* weights =
        tensors_["weights_layer"] + weights_layer_offset(s_, cell, run.layer, run.direction);
    T* sums = gates_ + place.in_run * cell.slots * s_.dhc;
    for (std::int64_t gate = 0; gate < cell.gates; ++gate) {
      const std::int64_t slot = cell.recurrent_slot(gate);
      for (std::int64_t j = 0; j < s_.dhc; ++j) {
        const std::int64_t row = gate * s_.dhc + j;
        Sum<T> of_input;
        add_input(run, row, x, weights + row * x.count * x.length, of_input);
        Sum<T> apart;
        Sum<T>& of_state = slot == gate ? of_input : apart;
        add_state(run, row, place, of_state);
        sums[gate * s_.dhc + j] = of_input.value();
        sums[slot * s_.dhc + j] = of_state.value();
      }
    }
  }

  void add_input(const Run& run, std::int64_t row, const InputRow<T>& x, const T* weights,
                 Sum<T>& sum) const {
    if (bias_ != nullptr) {
      sum.add(bias_[s_.vectors * run.index * Cell::sizes.gates * s_.dhc + row]);
    }
    for (std::int64_t part = 0; part < x.count; ++part) {
      sum.add_products(weights + part * x.length, x.part(part), x.length);
    }
  }

  void add_state(const Run& run, std::int64_t row, const Place& place, Sum<T>& sum) const {
    const std::int64_t rows = Cell::sizes.gates * s_.dhc;
    if (s_.bias_vectors() == 2) {
      sum.add(bias_[(2 * run.index + 1) * rows + row]);
    }
    sum.add_products(weights_iter_ + (run.index * rows + row) * s_.state_in(),
                     row_before<T>(place, states_, src_iter_, s_.state_in()), s_.state_in());
  }

  void activate(const Place& place) {
    T* state = states_ + place.in_run * s_.width();
    T* hidden = s_.projected() ? tensors_["unprojected"] + place.in_run * s_.dhc : state;
    Step<T> step{.n = s_.dhc,
                 .gates = gates_ + place.in_run * Cell::sizes.slots * s_.dhc,
                 .h = row_before<T>(place, states_, src_iter_, s_.state_in()),
                 .next_h = hidden};
    if (Cell::sizes.cell_state) {
      step.c = row_before<T>(place, tensors_["cells"], tensors_["src_iter_c"], s_.dhc);
      step.next_c = tensors_["cells"] + place.in_run * s_.dhc;
      step.tanh_c = tensors_["tanh_cells"] + place.in_run * s_.dhc;
    }
    Cell::forward(step);
    for (std::int64_t k = 0; k < s_.dic; ++k) {
      const std::int64_t run = place.in_run / s_.places();
      Sum<T> sum;
      sum.add_products(tensors_["weights_projection"] + (run * s_.dic + k) * s_.dhc, hidden,
                       s_.dhc);
      state[k] = sum.value();
    }
  }

  void copy_final(const Place& place) {
    std::copy_n(states_ + place.in_run * s_.width(), s_.width(),
                tensors_["dst_iter"] + place.initial * s_.width());
    if (Cell::sizes.cell_state) {
      std::copy_n(tensors_["cells"] + place.in_run * s_.dhc, s_.dhc,
                  tensors_["dst_iter_c"] + place.initial * s_.dhc);
    }
  }

  Shape s_;
  Tensors<T>& tensors_;
  const T* src_;
  const T* src_iter_;
  const T* weights_iter_;
  const T* bias_;
  T* states_;
  T* gates_;
};

}  // namespace flopmeter::recurrent
