// What a layer is, and the same without its type, so that everything else is generic over layers.
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "counters/counted.h"
#include "kernels/backend.h"
#include "kernels/bad_input.h"
#include "kernels/field.h"
#include "kernels/formula.h"
#include "kernels/operand.h"

namespace flopmeter {

/// A named integer of a shape or derived from it, for formulas: {"oh", 112}.
struct Variable {
  std::string_view name;
  std::int64_t value;
};

/// A type in whose folder everything that is true of one layer is said once.
///   fields      the named integers of Shape, in order
///   complete    derives what was left out, of values that are not below their fields' lowest;
///               throws BadInput for an illegal shape
///   variables   optional: further dimensions that formulas may use, derived from the shape
///   passes      optional: the passes that it has; the forward pass alone when there is none
///   padded_out  where there is padding: the shape that computes the same with it laid out as real
///               zeros, so that every tap is in bounds
///   operands    tensors in the order that outputs list them
///   reference   the definition, in plain loops, for any scalar
///   backends    in the order that outputs list them
template <class L>
concept Layer = requires(const typename L::Shape& shape, Pass pass, Dtype dtype,
                         Tensors<double>& tensors) {
  { L::name } -> std::convertible_to<std::string_view>;
  { L::equation } -> std::convertible_to<std::string_view>;
  { L::fields.size() } -> std::convertible_to<std::size_t>;
  { L::complete(shape) } -> std::same_as<typename L::Shape>;
  { L::operands(shape, pass) } -> std::same_as<std::vector<Operand>>;
  { L::formula(shape, pass) } -> std::same_as<Formula>;
  { L::tolerance(shape, pass, dtype) } -> std::same_as<Tolerance>;
  { L::template reference<double>(shape, pass, tensors) } -> std::same_as<void>;
  { L::backends() } -> std::same_as<std::vector<Backend<typename L::Shape>>>;
};

/// A row of the table of backends, without the type of the shape.
struct AnyBackend {
  std::string_view name;
  BackendKind kind = BackendKind::binary;
  std::function<Preparation(const Values&, const Setup&, Tensors<float>&)> prepare = {};
  std::function<void(const Values&, Pass, Tensors<Counted<float>>&)> counted = {};  // may be empty
  std::function<OpCounts(const Values&, Pass)> stated = {};                         // may be empty
};

/// The reference of a layer on one scalar type.
template <class T>
using Reference = std::function<void(const Values&, Pass, Tensors<T>&)>;

struct AnyLayer;
class Network;

/// One of the layers that another is made of, and the pass that it does there.
struct Component {
  const AnyLayer* layer = nullptr;
  Values values;
  Pass pass = Pass::forward;
};

/// A layer without its type. Values are complete, as parse or complete return them.
struct AnyLayer {
  std::string_view name;
  std::string_view equation;
  std::string_view default_shapes;  // a batch file
  std::vector<FieldInfo> fields;
  std::vector<Pass> passes;
  std::function<Values(std::string_view)> parse;  // throws BadInput
  std::function<std::string(const Values&)> print;
  std::function<Values(const Values&)> complete;  // throws BadInput
  std::function<std::vector<Variable>(const Values&)> variables;
  std::function<Values(const Values&)> padded_out;
  std::function<std::vector<Operand>(const Values&, Pass)> operands;
  std::function<Formula(const Values&, Pass)> formula;
  std::function<Tolerance(const Values&, Pass, Dtype)> tolerance;
  std::tuple<Reference<float>, Reference<double>, Reference<Counted<float>>,
             Reference<Counted<double>>>
      references;
  /// Of a layer that is made of others, else empty: the network that a pass of it is, its nodes'
  /// layers in the order of computation, and the names of the layers that the forward pass has.
  std::function<Network(const Values&, Pass)> network;
  std::function<std::vector<Component>(const Values&, Pass)> components;
  std::function<std::vector<std::string_view>(const Values&)> made_of;
  std::vector<AnyBackend> backends;

  /// Runs the definition on the tensors' scalar type.
  template <class T>
  void reference(const Values& values, Pass pass, Tensors<T>& tensors) const {
    std::get<Reference<T>>(references)(values, pass, tensors);
  }

  /// The row that is the layer's own text.
  const AnyBackend& definition() const;

  /// Whether there is a row of that name.
  bool offers(std::string_view backend) const;

  bool has(Pass pass) const { return std::ranges::find(passes, pass) != passes.end(); }
  /// Throws BadInput naming the layer's passes unless it has this one.
  void require(Pass pass) const;

  /// The backend of that name; throws BadInput naming the layer's backends.
  const AnyBackend& backend(std::string_view wanted) const;
};

/// Every layer, one a folder of kernels/. Generated by the build.
const std::vector<AnyLayer>& layers();

/// The layer of that name; throws BadInput naming the known ones.
const AnyLayer& find_layer(std::string_view name);

template <Layer L>
std::vector<Pass> passes_of() {
  if constexpr (requires { L::passes; }) {
    return {L::passes.begin(), L::passes.end()};
  } else {
    return {Pass::forward};
  }
}

template <Layer L>
typename L::Shape to_shape(const Values& values) {
  typename L::Shape shape{};
  for (std::size_t i = 0; i < L::fields.size(); ++i) {
    shape.*(L::fields[i].member) = values.at(i);
  }
  return shape;
}

template <Layer L>
Values to_values(const typename L::Shape& shape) {
  Values values;
  values.reserve(L::fields.size());
  for (const auto& field : L::fields) {
    values.push_back(shape.*(field.member));
  }
  return values;
}

template <Layer L>
std::vector<FieldInfo> field_infos() {
  std::vector<FieldInfo> infos;
  infos.reserve(L::fields.size());
  for (const auto& f : L::fields) {
    infos.push_back({f.key, f.otherwise, f.lowest, f.fuzz_low, f.fuzz_high, f.meaning});
  }
  return infos;
}

/// The shape with what was left out. Throws BadInput.
template <Layer L>
typename L::Shape complete_shape(const typename L::Shape& shape) {
  check_lowest(field_infos<L>(), L::name, to_values<L>(shape));
  return L::complete(shape);
}

template <Layer L>
std::vector<Variable> variables_of(const typename L::Shape& shape) {
  if constexpr (requires { L::variables(shape); }) {
    return L::variables(shape);
  } else {
    return {};
  }
}

template <Layer L>
typename L::Shape padded_out(const typename L::Shape& shape) {
  if constexpr (requires { L::padded_out(shape); }) {
    return L::padded_out(shape);
  } else {
    return shape;
  }
}

/// The shape written as text. A layer may bring its own notation as `L::parse` and `L::print`.
template <Layer L>
typename L::Shape parse_shape(std::string_view text) {
  if constexpr (requires { L::parse(text); }) {
    return complete_shape<L>(L::parse(text));
  } else {
    return complete_shape<L>(to_shape<L>(parse_fields(field_infos<L>(), L::name, text)));
  }
}

template <Layer L>
std::string print_shape(const typename L::Shape& shape) {
  if constexpr (requires { L::print(shape); }) {
    return L::print(shape);
  } else {
    return print_fields(field_infos<L>(), to_values<L>(shape), L::always_printed);
  }
}

/// The reason for which the reference is not timed in this setup, if there is one.
std::optional<Unavailable> reference_unavailable(const Setup&);
inline constexpr std::string_view reference_implementation = "plain loops";

/// The reference as a backend, to be timed as a baseline and counted like the others.
template <Layer L>
Backend<typename L::Shape> reference_backend() {
  using Shape = typename L::Shape;
  return {
      .name = "reference",
      .prepare = [](const Shape& shape, const Setup& setup,
                    Tensors<float>& tensors) -> Preparation {
        if (const auto reason = reference_unavailable(setup)) {
          return *reason;
        }
        return Prepared{
            .run = [shape, setup,
                    &tensors] { L::template reference<float>(shape, setup.pass, tensors); },
            .implementation = std::string(reference_implementation)};
      },
      .counted =
          [](const Shape& shape, Pass pass, Tensors<Counted<float>>& t) {
            L::template reference<Counted<float>>(shape, pass, t);
          },
      .stated = [](const Shape& shape, Pass pass) { return L::formula(shape, pass).in_bounds; },
      .is_definition = true,
  };
}

template <Layer L>
AnyBackend erase(const Backend<typename L::Shape>& backend) {
  AnyBackend any{.name = backend.name, .kind = backend.kind()};
  any.prepare = [prepare = backend.prepare](const Values& v, const Setup& setup,
                                            Tensors<float>& t) {
    return prepare(to_shape<L>(v), setup, t);
  };
  if (backend.counted != nullptr) {
    any.counted = [counted = backend.counted](const Values& v, Pass pass,
                                              Tensors<Counted<float>>& t) {
      counted(to_shape<L>(v), pass, t);
    };
  }
  if (backend.stated != nullptr) {
    any.stated = [stated = backend.stated](const Values& v, Pass pass) {
      return stated(to_shape<L>(v), pass);
    };
  }
  return any;
}

template <Layer L, class T>
Reference<T> reference_of() {
  return [](const Values& v, Pass pass, Tensors<T>& t) {
    L::template reference<T>(to_shape<L>(v), pass, t);
  };
}

/// The layer without its type.
template <Layer L>
AnyLayer describe(std::string_view default_shapes) {
  AnyLayer any;
  any.name = L::name;
  any.equation = L::equation;
  any.default_shapes = default_shapes;
  any.fields = field_infos<L>();
  any.passes = passes_of<L>();
  any.parse = [](std::string_view text) { return to_values<L>(parse_shape<L>(text)); };
  any.print = [](const Values& v) { return print_shape<L>(to_shape<L>(v)); };
  any.complete = [](const Values& v) { return to_values<L>(complete_shape<L>(to_shape<L>(v))); };
  any.variables = [](const Values& v) { return variables_of<L>(to_shape<L>(v)); };
  any.padded_out = [](const Values& v) { return to_values<L>(padded_out<L>(to_shape<L>(v))); };
  any.operands = [](const Values& v, Pass pass) { return L::operands(to_shape<L>(v), pass); };
  any.formula = [](const Values& v, Pass pass) { return L::formula(to_shape<L>(v), pass); };
  any.tolerance = [](const Values& v, Pass pass, Dtype dtype) {
    return L::tolerance(to_shape<L>(v), pass, dtype);
  };
  any.references = {reference_of<L, float>(), reference_of<L, double>(),
                    reference_of<L, Counted<float>>(), reference_of<L, Counted<double>>()};
  if constexpr (requires(const typename L::Shape& shape) { L::composition(shape); }) {
    compose<L>(any);
  }
  for (const auto& backend : L::backends()) {
    any.backends.push_back(erase<L>(backend));
  }
  return any;
}

}  // namespace flopmeter
