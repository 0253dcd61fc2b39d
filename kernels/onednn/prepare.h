// From a layer's plan to a callable: memory, reorders and execution, the same for every primitive.
#pragma once

#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/backend.h"

namespace flopmeter::onednn {

/// One tensor of a primitive, and the operand of the layer that it is. A name that is none of the
/// layer's operands is memory between primitives (a workspace, scores), and has no plain desc; all
/// its descs of one size see the same memory. Arguments of the same name and wanted desc are the
/// same memory.
struct Argument {
  int id;                     // DNNL_ARG_SRC, ...
  std::string_view operand;   // its name in Tensors
  dnnl::memory::desc plain;   // as it lies in Tensors: f32, a transpose as strides
  dnnl::memory::desc wanted;  // as the primitive wants it; the empty desc: it has no such tensor
  std::vector<float> values = {};  // of a constant that is none of the layer's operands
};

struct Stage {
  dnnl::primitive primitive;
  std::vector<Argument> arguments;
};

/// All that a layer has to say: the primitives that are timed, in order, and those that run once
/// before, such as the forward pass that leaves the workspace of the backward one.
struct PrimitivePlan {
  std::string implementation;
  std::vector<Stage> stages;
  std::vector<Stage> before = {};
  /// As Prepared's: the passes of primitives that compute more than the one asked for.
  std::vector<Pass> computes = {};
};

/// Of primitives that make the gradients of source and parameters together.
inline const std::vector<Pass> both_gradients{Pass::backward_data, Pass::backward_weights};

/// The number types of a case. s8 is u8 sources, s8 weights, sums in s32 and f32 results, and
/// `attributes` scale the sums; for every other dtype all three are the same and there are none.
struct Types {
  dnnl::memory::data_type src;
  dnnl::memory::data_type weights;
  dnnl::memory::data_type dst;
  dnnl::primitive_attr attributes = {};
  /// How operands of a network's node lie, for layers that take any layout as well as another.
  const Tensors<float>* tensors = nullptr;
};

/// A tensor as a primitive is given it, and the same row-major: both with the same dimensions.
struct Given {
  dnnl::memory::desc as_it_lies, plain;
};

/// The layout in which the operand was made, where that is not the plain one.
std::optional<Given> given_layout(const Types& types, std::string_view operand);

/// The same seen with those dimensions; none where they cannot be said of it.
std::optional<dnnl::memory::desc> given_layout(const Types& types, std::string_view operand,
                                               const dnnl::memory::dims& dims);

/// Makes a plan for tensors of these types. Throws dnnl::error.
using Planner = std::function<PrimitivePlan(const Types&)>;

/// Whether a plan knows what to do with 8-bit integers.
enum class Integers { no, yes };

/// The callable of a plan. What oneDNN does not implement is Unavailable, with a reason that calls
/// it `operation` ("convolution"). Throws std::runtime_error for every other failure of oneDNN.
Preparation prepare(std::string_view operation, const Setup&, Tensors<float>&, const Planner&,
                    Integers = Integers::no);

/// A row-major f32 tensor.
dnnl::memory::desc plain(const dnnl::memory::dims&);

/// A row-major tensor of another type.
dnnl::memory::desc row_major(const dnnl::memory::dims&, dnnl::memory::data_type);

/// A tensor in whatever layout the primitive likes best.
dnnl::memory::desc any_layout(const dnnl::memory::dims&, dnnl::memory::data_type);

/// A row-major f32 vector, or the empty desc where the layer has no such tensor.
dnnl::memory::desc bias_if(bool wanted, const dnnl::memory::dims&);

}  // namespace flopmeter::onednn
