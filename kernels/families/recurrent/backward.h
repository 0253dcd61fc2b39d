// The backward passes of recurrent layers in plain loops. backward_data walks back through time and
// leaves the gradients of all sums; backward_weights multiplies these with what the sums were over,
// so that each of the two has the products of the forward pass once.
//   dh[k] += sum_r da[r] * U[r,k], dx[i] = sum_{d,r} da[d,r] * W[d,r,i]
//   dW[r,i] = sum_{t,n} da[r] * x[i], dU[r,k] = sum_{t,n} da[r] * h[k], db[r] = sum_{t,n} da[r]
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/families/recurrent/cells.h"
#include "kernels/families/recurrent/walk.h"

namespace flopmeter::recurrent {

template <class Cell, class T>
class BackwardData {
 public:
  BackwardData(const Shape& s, Tensors<T>& tensors)
      : s_(s),
        tensors_(tensors),
        gates_(Cell::sizes.slots > 1 ? tensors["gates"] : tensors["states"]),
        diff_gates_(tensors["diff_gates"]),
        dh_(tensors["diff_src_iter"]),
        dc_(tensors["diff_src_iter_c"]),
        state_(static_cast<std::size_t>(s.width())),
        hidden_(static_cast<std::size_t>(s.dhc)),
        direct_(static_cast<std::size_t>(s.dhc)) {}

  /// The gradients of the states walk in place of those of the initial ones, which they become;
  /// where these have another width there is one step only.
  void operator()() {
    if (s_.hin == 0) {
      std::copy_n(tensors_["diff_dst_iter"], s_.runs() * s_.mb * s_.width(), dh_);
    }
    if (dc_ != nullptr) {
      std::copy_n(tensors_["diff_dst_iter_c"], s_.runs() * s_.mb * s_.dhc, dc_);
    }
    const T* above = tensors_["diff_dst"];
    AlignedVector<T> of_layer;
    for (std::int64_t layer = s_.l - 1; layer >= 0; --layer) {
      for (std::int64_t direction = 0; direction < s_.dir; ++direction) {
        run(Run(s_, layer, direction), above);
      }
      AlignedVector<T> below(
          static_cast<std::size_t>(layer == 0 ? 0 : s_.places() * s_.dir * s_.width()));
      to_input(layer, layer == 0 ? tensors_["diff_src"] : below.data());
      of_layer = std::move(below);
      above = of_layer.data();
    }
  }

 private:
  void run(const Run& run, const T* above) {
    for (std::int64_t i = s_.t - 1; i >= 0; --i) {
      for (std::int64_t n = 0; n < run.lengths.active(i); ++n) {
        const Place place(s_, run, i, n);
        const T* dh = to_hidden(run, place, above);
        through_cell(place, dh);
        to_state_before(run, place);
      }
    }
  }

  /// From the state's to those of the hidden units.
  const T* to_hidden(const Run& run, const Place& place, const T* above) {
    const std::int64_t width = s_.width();
    const bool summed = run.layer == s_.l - 1 && s_.results() != s_.dir;
    const T* from_above = above + (summed ? place.at : place.at * s_.dir + run.direction) * width;
    const T* from_later = (s_.hin == 0 ? dh_ : tensors_["diff_dst_iter"]) + place.initial * width;
    for (std::int64_t k = 0; k < width; ++k) {
      state_[static_cast<std::size_t>(k)] = from_above[k] + from_later[k];
    }
    if (!s_.projected()) {
      return state_.data();
    }
    std::ranges::copy(state_, tensors_["diff_states"] + place.in_run * width);
    const T* weights = tensors_["weights_projection"] + run.index * s_.dic * s_.dhc;
    for (std::int64_t k = 0; k < width; ++k) {
      accumulate(state_[static_cast<std::size_t>(k)], weights + k * s_.dhc, k == 0, s_.dhc,
                 hidden_.data());
    }
    return hidden_.data();
  }

  void through_cell(const Place& place, const T* dh) {
    Step<T> step{.n = s_.dhc, .gates = gates_ + place.in_run * Cell::sizes.slots * s_.dhc};
    StepGradients<T> gradients{.dh = dh,
                               .sums = diff_gates_ + place.in_run * Cell::sizes.slots * s_.dhc,
                               .direct = direct_.data()};
    if (Cell::sizes.direct) {
      step.h = row_before<T>(place, tensors_["states"], tensors_["src_iter"], s_.state_in());
    }
    if (Cell::sizes.cell_state) {
      step.c = row_before<T>(place, tensors_["cells"], tensors_["src_iter_c"], s_.dhc);
      step.tanh_c = tensors_["tanh_cells"] + place.in_run * s_.dhc;
      gradients.dc = dc_ + place.initial * s_.dhc;
    }
    Cell::backward(step, gradients);
  }

  void to_state_before(const Run& run, const Place& place) {
    const CellSizes& cell = Cell::sizes;
    const T* sums = diff_gates_ + place.in_run * cell.slots * s_.dhc;
    const std::int64_t width = s_.state_in();
    const T* weights = tensors_["weights_iter"] + run.index * cell.gates * s_.dhc * width;
    T* dh = dh_ + place.initial * width;
    if (cell.direct) {
      std::ranges::copy(direct_, dh);
    }
    for (std::int64_t row = 0; row < cell.gates * s_.dhc; ++row) {
      const T factor = sums[cell.recurrent_slot(row / s_.dhc) * s_.dhc + row % s_.dhc];
      accumulate(factor, weights + row * width, row == 0 && !cell.direct, width, dh);
    }
  }

  /// Directions that saw the same input add to one gradient, others have one each.
  void to_input(std::int64_t layer, T* below) {
    const CellSizes& cell = Cell::sizes;
    const std::int64_t width = s_.input(layer);
    const bool own = layer > 0 && s_.seen() != s_.dir;
    for (std::int64_t at = 0; at < s_.places(); ++at) {
      for (std::int64_t d = 0; d < s_.dir; ++d) {
        const T* sums =
            diff_gates_ + (Run(s_, layer, d).index * s_.places() + at) * cell.slots * s_.dhc;
        const T* weights = tensors_["weights_layer"] + weights_layer_offset(s_, cell, layer, d);
        for (std::int64_t row = 0; row < cell.gates * s_.dhc; ++row) {
          accumulate(sums[row], weights + row * width, (own || d == 0) && row == 0, width,
                     below + (own ? at * s_.dir + d : at) * width);
        }
      }
    }
  }

  Shape s_;
  Tensors<T>& tensors_;
  T* gates_;
  T* diff_gates_;
  T* dh_;
  T* dc_;
  AlignedVector<T> state_, hidden_, direct_;
};

template <class Cell, class T>
class BackwardWeights {
 public:
  BackwardWeights(const Shape& s, Tensors<T>& tensors)
      : s_(s),
        tensors_(tensors),
        states_(tensors["states"]),
        diff_gates_(tensors["diff_gates"]),
        db_(tensors["diff_bias"]) {}

  void operator()() {
    for (std::int64_t layer = 0; layer < s_.l; ++layer) {
      for (std::int64_t direction = 0; direction < s_.dir; ++direction) {
        run(Run(s_, layer, direction));
      }
    }
  }

 private:
  /// Row by row of the weights, which then stay in the cache.
  void run(const Run& run) {
    for (std::int64_t gate = 0; gate < Cell::sizes.gates; ++gate) {
      const std::int64_t slot = Cell::sizes.recurrent_slot(gate);
      for (std::int64_t j = 0; j < s_.dhc; ++j) {
        const std::int64_t row = gate * s_.dhc + j;
        of_input(run, row);
        of_state(run, row, slot * s_.dhc + j);
        if (db_ != nullptr) {
          of_bias(run, row, slot * s_.dhc + j);
        }
      }
    }
    for (std::int64_t k = 0; k < s_.dic; ++k) {
      of_projection(run, k);
    }
  }

  template <class Work>
  void at_all_places(const Run& run, const Work& work) {
    for (std::int64_t i = 0; i < s_.t; ++i) {
      for (std::int64_t n = 0; n < run.lengths.active(i); ++n) {
        work(Place(s_, run, i, n), i == 0 && n == 0);
      }
    }
  }

  T diff_sum(const Place& place, std::int64_t unit) const {
    return diff_gates_[place.in_run * Cell::sizes.slots * s_.dhc + unit];
  }

  void of_input(const Run& run, std::int64_t row) {
    T* dw = tensors_["diff_weights_layer"] + row * s_.input(run.layer) +
            weights_layer_offset(s_, Cell::sizes, run.layer, run.direction);
    const T* src = tensors_["src"];
    at_all_places(run, [&](const Place& place, bool starts) {
      const InputRow<T> x(s_, run, place.at, src, states_);
      for (std::int64_t part = 0; part < x.count; ++part) {
        accumulate(diff_sum(place, row), x.part(part), starts, x.length, dw + part * x.length);
      }
    });
  }

  void of_state(const Run& run, std::int64_t row, std::int64_t unit) {
    const std::int64_t rows = Cell::sizes.gates * s_.dhc;
    const std::int64_t width = s_.state_in();
    T* dw = tensors_["diff_weights_iter"] + (run.index * rows + row) * width;
    const T* src_iter = tensors_["src_iter"];
    at_all_places(run, [&](const Place& place, bool starts) {
      const T* h = row_before<T>(place, states_, src_iter, width);
      accumulate(diff_sum(place, unit), h, starts, width, dw);
    });
  }

  /// The second vector's gradient is that of the first, but where the two sums are kept apart.
  void of_bias(const Run& run, std::int64_t row, std::int64_t unit) {
    T* of_run = db_ + s_.vectors * run.index * Cell::sizes.gates * s_.dhc;
    of_run[row] = sum_over_places(run, row);
    if (s_.vectors == 1) {
      return;
    }
    of_run[Cell::sizes.gates * s_.dhc + row] =
        unit == row ? of_run[row] : sum_over_places(run, unit);
  }

  T sum_over_places(const Run& run, std::int64_t unit) {
    Sum<T> sum;
    at_all_places(run, [&](const Place& place, bool) { sum.add(diff_sum(place, unit)); });
    return sum.value();
  }

  void of_projection(const Run& run, std::int64_t k) {
    T* dw = tensors_["diff_weights_projection"] + (run.index * s_.dic + k) * s_.dhc;
    const T* dh = tensors_["diff_states"];
    const T* hidden = tensors_["unprojected"];
    at_all_places(run, [&](const Place& place, bool starts) {
      accumulate(dh[place.in_run * s_.dic + k], hidden + place.in_run * s_.dhc, starts, s_.dhc, dw);
    });
  }

  Shape s_;
  Tensors<T>& tensors_;
  const T* states_;
  const T* diff_gates_;
  T* db_;
};

}  // namespace flopmeter::recurrent
