#include "kernels/composition.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include "kernels/case.h"
#include "kernels/network/backward.h"
#include "kernels/network/derived.h"
#include "kernels/network/executor.h"

namespace flopmeter {
namespace {

const Operand* find(std::span<const Operand> operands, std::string_view name) {
  const auto found = std::ranges::find(operands, name, &Operand::name);
  return found == operands.end() ? nullptr : &*found;
}

/// Of an operand of a step: what is neither given nor asked for is between the steps.
Lifetime lifetime(const Composition& composition, const std::string& tensor,
                  const Operand& operand) {
  const Operand* given = find(composition.operands, tensor);
  const Role role = given != nullptr ? given->role : operand.role;
  switch (role) {
    case Role::parameter:
      return Lifetime::constant;
    case Role::output:
      return given != nullptr ? Lifetime::output : Lifetime::activation;
    case Role::saved:
      return Lifetime::activation;
    case Role::input:
    case Role::context:
      break;
  }
  return Lifetime::input;
}

void add_step(Network& network, const Composition& composition, const Step& step) {
  const AnyLayer& layer = find_layer(step.layer);
  Node node{.label = step.label, .layer = &layer, .shape = layer.parse(step.shape)};
  for (const Operand& operand : layer.operands(node.shape, Pass::forward)) {
    const auto bound = std::ranges::find(step.bindings, operand.name, &Binding::operand);
    const std::string tensor = bound == step.bindings.end()
                                   ? fmt::format("{}.{}", step.label, operand.name)
                                   : bound->tensor;
    const auto known = network.find(tensor);
    node.edges.push_back(
        {std::string(operand.name),
         known ? *known
               : network.add_tensor({.name = tensor,
                                     .dims = operand.dims,
                                     .lifetime = lifetime(composition, tensor, operand),
                                     .domain = operand.domain})});
  }
  network.add_node(std::move(node));
}

Network forward_network(const Composition& composition) {
  Network network;
  for (const Step& step : composition.steps) {
    add_step(network, composition, step);
  }
  return network;
}

}  // namespace

Network network_of(const Composition& composition, Pass pass) {
  Network forward = forward_network(composition);
  return pass == Pass::forward ? std::move(forward) : backward_of(forward, pass);
}

std::vector<Operand> operands_of(const Composition& composition, Pass pass) {
  return operands_of(network_of(composition, pass));
}

Formula formula_of(const Composition& composition, Pass pass) {
  Formula formula = formula_of(network_of(composition, pass));
  if (pass != Pass::forward) {
    formula.parameters = formula_of(network_of(composition, Pass::forward)).parameters;
  }
  return formula;
}

template <class T>
void run_reference(const Composition& composition, Pass pass, Tensors<T>& tensors) {
  run_reference(network_of(composition, pass), tensors);
}

template void run_reference(const Composition&, Pass, Tensors<float>&);
template void run_reference(const Composition&, Pass, Tensors<double>&);
template void run_reference(const Composition&, Pass, Tensors<Counted<float>>&);
template void run_reference(const Composition&, Pass, Tensors<Counted<double>>&);

namespace {

bool counts(const AnyBackend& row) { return row.counted && row.stated; }

/// Code that runs on the counting scalar only where that of every step does.
BackendKind kind_of(std::span<const AnyLayer* const> steps, std::string_view backend) {
  const bool all_count = std::ranges::all_of(
      steps, [&](const AnyLayer* step) { return counts(step->backend(backend)); });
  return all_count ? steps.front()->backend(backend).kind : BackendKind::binary;
}

/// Every node by the backend of that name.
AnyBackend composed_backend(const AnyLayer& layer, std::string_view name, BackendKind kind_of_row) {
  AnyBackend row{.name = name, .kind = kind_of_row};
  row.prepare = [network = layer.network, name = row.name, kind = row.kind](
                    const Values& shape, const Setup& setup,
                    Tensors<float>& tensors) -> Preparation {
    if (const auto reason =
            kind == BackendKind::definition ? reference_unavailable(setup) : std::nullopt) {
      return *reason;
    }
    return prepare_network(network(shape, setup.pass), name, setup, tensors);
  };
  if (row.kind != BackendKind::binary) {
    row.counted = [network = layer.network, name = row.name](const Values& shape, Pass pass,
                                                             Tensors<Counted<float>>& tensors) {
      run_counted(network(shape, pass), name, tensors);
    };
    row.stated = [network = layer.network, name = row.name](const Values& shape, Pass pass) {
      return stated_of(network(shape, pass), name);
    };
  }
  return row;
}

/// Gives rows to layers that are made of others, those first of which they are made.
class Completion {
 public:
  explicit Completion(std::vector<AnyLayer>& layers) : layers_(layers) {}

  void complete(AnyLayer& layer) {
    if (!layer.made_of || !complete_.insert(layer.name).second) {
      return;
    }
    std::vector<const AnyLayer*> steps;
    for (const Problem& problem : default_problems(layer)) {
      for (const std::string_view name : layer.made_of(problem.values)) {
        AnyLayer& step = *std::ranges::find(layers_, name, &AnyLayer::name);
        complete(step);
        steps.push_back(&step);
      }
    }
    layer.backends.clear();
    for (const AnyBackend& row : steps.front()->backends) {
      if (std::ranges::all_of(steps,
                              [&](const AnyLayer* step) { return step->offers(row.name); })) {
        layer.backends.push_back(composed_backend(layer, row.name, kind_of(steps, row.name)));
      }
    }
  }

 private:
  std::vector<AnyLayer>& layers_;
  std::set<std::string_view> complete_;
};

}  // namespace

std::optional<std::string> why_not_counted(const Component& what, std::string_view backend) {
  const AnyLayer& layer = *what.layer;
  if (!layer.offers(backend)) {
    return fmt::format("{} has no backend {}", layer.name, backend);
  }
  if (layer.components) {
    for (const Component& part : layer.components(what.values, what.pass)) {
      if (auto reason = why_not_counted(part, backend)) {
        return part.layer->components ? reason
                                      : fmt::format("its part {}: {}", part.layer->name, *reason);
      }
    }
  }
  if (!counts(layer.backend(backend))) {
    return "none of its code runs on a counting scalar";
  }
  return std::nullopt;
}

std::vector<AnyLayer> with_composed_backends(std::vector<AnyLayer> layers) {
  Completion completion(layers);
  for (AnyLayer& layer : layers) {
    completion.complete(layer);
  }
  return layers;
}

}  // namespace flopmeter
