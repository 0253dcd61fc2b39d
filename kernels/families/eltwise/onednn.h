// oneDNN's eltwise primitive for all activations. Only an activation's onednn.cpp includes this.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::eltwise {

/// What oneDNN calls the activation, with the parameters that it has there.
struct Algorithm {
  dnnl::algorithm kind;
  float alpha = 0;
  float beta = 0;
};

/// `reads`: what the backward pass reads, src or dst, which depends on the kind.
Preparation prepare_onednn(std::string_view name, const Algorithm&, std::string_view reads,
                           const Shape&, const Setup&, Tensors<float>&);

template <class L>
Preparation prepare_onednn(const Algorithm& algorithm, const Shape& s, const Setup& setup,
                           Tensors<float>& tensors) {
  return prepare_onednn(L::name, algorithm, L::backward_reads, s, setup, tensors);
}

}  // namespace flopmeter::eltwise
