// y[n,o] = b[o] + sum_i x[n,i] * w[o,i]
// dx[n,i] = sum_o dy[n,o] * w[o,i], dw[o,i] = sum_n dy[n,o] * x[n,i], db[o] = sum_n dy[n,o]
// x: mb x (ic*id*ih*iw), w: oc x (ic*id*ih*iw), y: mb x oc
#pragma once

#include "kernels/layer.h"

namespace flopmeter::linear {

/// An inner product, written as benchdnn's: mb32ic512oc1000, mb1ic512ih7oc4096.
struct Shape {
  std::int64_t mb, ic, id, ih, iw, oc, bias;

  /// Length of the sum: the flattened input features. Throws CountOverflow.
  std::int64_t features() const { return checked_product(ic, id, ih, iw); }
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = linear::Shape;
  static constexpr std::string_view name = "linear";
  static constexpr std::string_view equation = "y[n,o] = b[o] + sum_i x[n,i] * w[o,i]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 9, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 40, "input features"},
      {"id", &Shape::id, unset, 1, 1, 2, "input depth, flattened into the features"},
      {"ih", &Shape::ih, unset, 1, 1, 3, "input height, flattened into the features"},
      {"iw", &Shape::iw, unset, 1, 1, 3, "input width, flattened into the features"},
      {"oc", &Shape::oc, unset, 1, 1, 40, "output features"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1 with bias, 0 without"},
  });
  static constexpr auto passes = all_passes;
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "ic", "oc"});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    switch (pass) {
      case Pass::forward:
        return forward(s, tensors);
      case Pass::backward_data:
        return backward_data(s, tensors);
      case Pass::backward_weights:
        return backward_weights(s, tensors);
    }
  }

 private:
  template <class T>
  static void forward(const Shape& s, Tensors<T>& tensors) {
    const std::int64_t features = s.features();
    const T* bias = tensors["bias"];
    for (std::int64_t n = 0; n < s.mb; ++n) {
      for (std::int64_t o = 0; o < s.oc; ++o) {
        const T* x = tensors["src"] + n * features;
        const T* w = tensors["weights"] + o * features;
        T sum = bias != nullptr ? bias[o] : start_sum(x[0] * w[0]);
        for (std::int64_t i = bias != nullptr ? 0 : 1; i < features; ++i) {
          sum += x[i] * w[i];
        }
        tensors["dst"][n * s.oc + o] = sum;
      }
    }
  }

  // Outputs outside, features inside, so that the inner loops run along contiguous rows.
  template <class T>
  static void backward_data(const Shape& s, Tensors<T>& tensors) {
    const std::int64_t features = s.features();
    for (std::int64_t n = 0; n < s.mb; ++n) {
      const T* dy = tensors["diff_dst"] + n * s.oc;
      T* dx = tensors["diff_src"] + n * features;
      for (std::int64_t o = 0; o < s.oc; ++o) {
        accumulate(dy[o], tensors["weights"] + o * features, o == 0, features, dx);
      }
    }
  }

  template <class T>
  static void backward_weights(const Shape& s, Tensors<T>& tensors) {
    const std::int64_t features = s.features();
    T* db = tensors["diff_bias"];
    for (std::int64_t n = 0; n < s.mb; ++n) {
      const T* dy = tensors["diff_dst"] + n * s.oc;
      for (std::int64_t o = 0; o < s.oc; ++o) {
        accumulate(dy[o], tensors["src"] + n * features, n == 0, features,
                   tensors["diff_weights"] + o * features);
        if (db != nullptr) {
          db[o] = n == 0 ? dy[o] : db[o] + dy[o];
        }
      }
    }
  }

  /// sums += factor * row; the first row starts the sums.
  template <class T>
  static void accumulate(T factor, const T* row, bool starts, std::int64_t length, T* sums) {
    for (std::int64_t i = 0; starts && i < length; ++i) {
      sums[i] = start_sum(factor * row[i]);
    }
    for (std::int64_t i = 0; !starts && i < length; ++i) {
      sums[i] += factor * row[i];
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
void eigen_in_double(const Shape&, Tensors<double>&, int threads);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::linear
