// A backend: one way to compute a layer, prepared once and then called again and again.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "counters/counted.h"
#include "kernels/dtype.h"
#include "kernels/operand.h"

namespace flopmeter {

/// What a backend is asked for, besides the shape.
struct Setup {
  Pass pass = Pass::forward;
  Dtype dtype = Dtype::f32;
  int threads = 1;
};

/// One of the things that a run does, one after the other. `forced`: nothing but bringing a tensor
/// from one layout into another.
struct RunPart {
  std::string label;
  std::string implementation;
  bool forced = false;
  std::function<void()> run;
};

/// `run` is the timed part and may be called any number of times; it leaves the inputs as they are.
/// `fetch` brings the result into the plain layout and f32 of the Tensors given to prepare, and
/// `feed` takes inputs and parameters from there that were changed since; untimed. Both do nothing
/// where the backend works on the Tensors themselves.
struct Prepared {
  std::function<void()> run;
  std::function<void()> feed = [] {};
  std::function<void()> fetch = [] {};
  std::string implementation = {};  // the backend's own word for what it chose, may be empty
  /// Finds the data of Slots, once they have some. Empty: it works on the data of the Tensors and
  /// has not looked at Slots.
  std::function<void()> place = {};
  /// The passes that a run computes, where that is not just the one that was asked for.
  std::vector<Pass> computes = {};
  /// Of a network: what makes up `run`.
  std::vector<RunPart> parts = {};
};

/// The backend cannot do this case. An expected absence, shown with its reason.
struct Unavailable {
  std::string reason;
};

using Preparation = std::variant<Prepared, Unavailable>;

/// What there is of a backend. definition: the layer's own text. source: code that also runs on the
/// counting scalar. binary: a library that can only be run.
enum class BackendKind { definition, source, binary };

/// One row of a layer's table of backends.
template <class Shape>
struct Backend {
  std::string_view name;
  /// Everything up to the timed callable: layouts, weights, scratch memory. The Tensors must
  /// outlive what is returned. The callable uses `threads` threads.
  Preparation (*prepare)(const Shape&, const Setup&, Tensors<float>&);
  /// The same algorithm on the counting scalar; null where the code is not ours to instantiate.
  void (*counted)(const Shape&, Pass, Tensors<Counted<float>>&) = nullptr;
  /// What `counted` must come to, kind by kind, in closed form.
  OpCounts (*stated)(const Shape&, Pass) = nullptr;
  bool is_definition = false;

  BackendKind kind() const {
    return is_definition        ? BackendKind::definition
           : counted == nullptr ? BackendKind::binary
                                : BackendKind::source;
  }
};

}  // namespace flopmeter
