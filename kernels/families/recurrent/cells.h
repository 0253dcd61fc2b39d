// What the cells do to the sums of one sample in one step, and to their gradients.
// sigma(x) = 1 / (1 + exp(-x)). Products of gates are stored before they are added: they are
// multiplies, and MACs are products of weights only.
#pragma once

#include <cmath>

#include "kernels/families/recurrent/shape.h"
#include "kernels/products.h"

namespace flopmeter::recurrent {

template <class T>
T sigmoid(T x) {
  using std::exp;
  return T(1) / (T(1) + exp(-x));
}

/// Gradient of the sum below a sigmoid or a tanh of value y, from that of y.
template <class T>
T below_sigmoid(T dy, T y) {
  return times(times(dy, y), T(1) - y);
}
template <class T>
T below_tanh(T dy, T y) {
  return times(dy, T(1) - times(y, y));
}
inline constexpr OpCounts sigmoid_counts{.adds = 1, .divides = 1, .exponentials = 1};
inline constexpr OpCounts tanh_counts{.tanhs = 1};
inline constexpr OpCounts below_counts{.multiplies = 2, .adds = 1};

/// One sample in one step, `n` hidden units. Sums and gates are slot by slot in the same place.
template <class T>
struct Step {
  std::int64_t n;
  T* gates;              // sums on the way in, values on the way out; in backward passes values
  const T* h = nullptr;  // of the step before
  const T* c = nullptr;  // of the step before
  T* next_h = nullptr;   // before any projection
  T* next_c = nullptr;
  T* tanh_c = nullptr;  // tanh of next_c
};

/// Gradients of the same step.
template <class T>
struct StepGradients {
  const T* dh;      // of next_h
  T* sums;          // out
  T* direct;        // out: what reaches h past the sums; the GRU's
  T* dc = nullptr;  // of next_c on the way in, of c on the way out
};

/// h = tanh(a), a: the sum. Its only gate is the state itself.
struct Tanh {
  static constexpr CellSizes sizes{.gates = 1, .slots = 1, .cell_state = false, .direct = false};
  static CellCounts counts() { return {tanh_counts, below_counts}; }

  template <class T>
  static void forward(const Step<T>& s) {
    using std::tanh;
    for (std::int64_t j = 0; j < s.n; ++j) {
      s.gates[j] = tanh(s.gates[j]);
      s.next_h[j] = s.gates[j];
    }
  }

  template <class T>
  static void backward(const Step<T>& s, const StepGradients<T>& d) {
    for (std::int64_t j = 0; j < s.n; ++j) {
      d.sums[j] = below_tanh(d.dh[j], s.gates[j]);
    }
  }
};

/// c' = f*c + i*g, h' = o * tanh(c'), with i, f, o sigmoids and g a tanh, in the order i, f, g, o.
struct Lstm {
  static constexpr CellSizes sizes{.gates = 4, .slots = 4, .cell_state = true, .direct = false};
  static CellCounts counts() {
    return {3 * sigmoid_counts + 2 * tanh_counts + OpCounts{.multiplies = 3, .adds = 1},
            // four gates and tanh(c'); do, dh*o, di, df, dg, dc*f; the sum of dc
            5 * below_counts + OpCounts{.multiplies = 6, .adds = 1}};
  }

  template <class T>
  static void forward(const Step<T>& s) {
    using std::tanh;
    for (std::int64_t j = 0; j < s.n; ++j) {
      T* gate = s.gates + j;
      const T i = gate[0] = sigmoid(gate[0]);
      const T f = gate[s.n] = sigmoid(gate[s.n]);
      const T g = gate[2 * s.n] = tanh(gate[2 * s.n]);
      const T o = gate[3 * s.n] = sigmoid(gate[3 * s.n]);
      s.next_c[j] = times(f, s.c[j]) + times(i, g);
      s.tanh_c[j] = tanh(s.next_c[j]);
      s.next_h[j] = o * s.tanh_c[j];
    }
  }

  template <class T>
  static void backward(const Step<T>& s, const StepGradients<T>& d) {
    for (std::int64_t j = 0; j < s.n; ++j) {
      const T i = s.gates[j];
      const T f = s.gates[s.n + j];
      const T g = s.gates[2 * s.n + j];
      const T o = s.gates[3 * s.n + j];
      const T dc = d.dc[j] + below_tanh(times(d.dh[j], o), s.tanh_c[j]);
      d.sums[j] = below_sigmoid(times(dc, g), i);
      d.sums[s.n + j] = below_sigmoid(times(dc, s.c[j]), f);
      d.sums[2 * s.n + j] = below_tanh(times(dc, i), g);
      d.sums[3 * s.n + j] = below_sigmoid(times(d.dh[j], s.tanh_c[j]), o);
      d.dc[j] = dc * f;
    }
  }
};

/// n = tanh(a + r*b), h' = (1-z)*n + z*h, with r, z sigmoids, a the last gate's sum over the input
/// and b that over the state ("linear before reset"), in the order r, z, a, b.
struct Gru {
  static constexpr CellSizes sizes{.gates = 3, .slots = 4, .cell_state = false, .direct = true};
  static CellCounts counts() {
    return {2 * sigmoid_counts + tanh_counts + OpCounts{.multiplies = 3, .adds = 3},
            // r, z and n; dh*(1-z), dh*(h-n), dh*z, dn*r, dn*b
            3 * below_counts + OpCounts{.multiplies = 5, .adds = 2}};
  }

  template <class T>
  static void forward(const Step<T>& s) {
    using std::tanh;
    for (std::int64_t j = 0; j < s.n; ++j) {
      T* gate = s.gates + j;
      const T r = gate[0] = sigmoid(gate[0]);
      const T z = gate[s.n] = sigmoid(gate[s.n]);
      const T n = gate[2 * s.n] = tanh(gate[2 * s.n] + times(r, gate[3 * s.n]));
      s.next_h[j] = times(T(1) - z, n) + times(z, s.h[j]);
    }
  }

  template <class T>
  static void backward(const Step<T>& s, const StepGradients<T>& d) {
    for (std::int64_t j = 0; j < s.n; ++j) {
      const T r = s.gates[j];
      const T z = s.gates[s.n + j];
      const T n = s.gates[2 * s.n + j];
      const T b = s.gates[3 * s.n + j];
      const T da = below_tanh(times(d.dh[j], T(1) - z), n);
      d.sums[j] = below_sigmoid(times(da, b), r);
      d.sums[s.n + j] = below_sigmoid(times(d.dh[j], s.h[j] - n), z);
      d.sums[2 * s.n + j] = da;
      d.sums[3 * s.n + j] = da * r;
      d.direct[j] = d.dh[j] * z;
    }
  }
};

}  // namespace flopmeter::recurrent
