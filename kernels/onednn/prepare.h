// From a layer's plan to a callable: memory, reorders and execution, the same for every primitive.
#pragma once

#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/backend.h"

namespace flopmeter::onednn {

/// One tensor of a primitive, and the operand of the layer that it is.
struct Argument {
  int id;                     // DNNL_ARG_SRC, ...
  std::string_view operand;   // its name in Tensors
  dnnl::memory::desc plain;   // as it lies in Tensors: f32, a transpose as strides
  dnnl::memory::desc wanted;  // as the primitive wants it; the empty desc: it has no such tensor
};

/// All that a layer has to say.
struct Plan {
  dnnl::primitive primitive;
  std::string implementation;
  std::vector<Argument> arguments;
};

/// Makes a plan for tensors of that type. Throws dnnl::error.
using Planner = std::function<Plan(dnnl::memory::data_type)>;

/// The callable of a plan. What oneDNN does not implement is Unavailable, with a reason that calls
/// it `operation` ("convolution"). Throws std::runtime_error for every other failure of oneDNN.
Preparation prepare(std::string_view operation, const Setup&, Tensors<float>&, const Planner&);

/// A row-major f32 tensor.
dnnl::memory::desc plain(const dnnl::memory::dims&);

/// A tensor in whatever layout the primitive likes best.
dnnl::memory::desc any_layout(const dnnl::memory::dims&, dnnl::memory::data_type);

/// A row-major f32 vector, or the empty desc where the layer has no such tensor.
dnnl::memory::desc bias_if(bool wanted, const dnnl::memory::dims&);

}  // namespace flopmeter::onednn
