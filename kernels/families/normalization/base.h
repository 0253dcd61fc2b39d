// What the normalisation layers have in common.
#pragma once

#include "kernels/families/normalization/eigen.h"
#include "kernels/families/normalization/reference.h"
#include "kernels/families/normalization/rules.h"
#include "kernels/layer.h"

namespace flopmeter::normalization {

/// All of a layer but its notation and operands. S says `normalization()`.
template <class L, class S, decltype(Backend<S>::prepare) prepare_onednn>
struct Base {
  using Shape = S;
  static constexpr auto passes = all_passes;

  static Formula formula(const Shape& s, Pass pass) {
    return normalization::formula(s.normalization(), pass);
  }
  static Tolerance tolerance(const Shape& s, Pass pass, Dtype dtype) {
    return normalization::tolerance(s.normalization(), pass, dtype);
  }

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    normalization::reference(s.normalization(), pass, tensors);
  }

  static std::vector<Backend<Shape>> backends() {
    return {reference_backend<L>(),
            {"eigen",
             [](const Shape& s, const Setup& setup, Tensors<float>& tensors) {
               return prepare_with_eigen(s.normalization(), setup, tensors);
             },
             [](const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
               count_with_eigen(s.normalization(), tensors);
             },
             [](const Shape& s, Pass) { return stated_with_eigen(s.normalization()); }},
            {"onednn", prepare_onednn}};
  }
};

}  // namespace flopmeter::normalization
