#include "kernels/composition.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace flopmeter {
namespace {

constexpr std::string_view gradient_prefix = "diff_";

/// Names of operands are views: those made here live as long as the program.
std::string_view interned(const std::string& name) {
  static std::mutex guard;
  static std::set<std::string, std::less<>> names;
  const std::lock_guard lock(guard);
  return *names.insert(name).first;
}

const Operand* find(std::span<const Operand> operands, std::string_view name) {
  const auto found = std::ranges::find(operands, name, &Operand::name);
  return found == operands.end() ? nullptr : &*found;
}

/// A step with its layer and shape looked up.
struct Part {
  const Step* step;
  const AnyLayer* layer;
  Values values;
  std::vector<Operand> forward;

  explicit Part(const Step& of)
      : step(&of),
        layer(&find_layer(of.layer)),
        values(layer->parse(of.shape)),
        forward(layer->operands(values, Pass::forward)) {}

  /// The composition's tensor for an operand of any pass.
  std::string tensor(std::string_view operand) const {
    if (find(forward, operand) == nullptr && operand.starts_with(gradient_prefix)) {
      const std::string_view of = operand.substr(gradient_prefix.size());
      if (find(forward, of) != nullptr) {
        return std::string(gradient_prefix) + tensor(of);
      }
    }
    const auto bound = std::ranges::find(step->bindings, operand, &Binding::operand);
    return bound == step->bindings.end() ? fmt::format("{}.{}", step->label, operand)
                                         : bound->tensor;
  }
};

/// One layer's pass on tensors of the composition.
struct Call {
  const AnyLayer* layer;
  Values values;
  Pass pass;
  std::vector<std::pair<std::string_view, std::string_view>> bindings;  // operand, tensor

  std::vector<Operand> operands() const { return layer->operands(values, pass); }
};

/// What one pass of a composition does, and on which tensors.
class Program {
 public:
  Program(const Composition& composition, Pass pass) : composition_(composition), pass_(pass) {
    for (const Step& step : composition.steps) {
      parts_.emplace_back(step);
    }
    switch (pass) {
      case Pass::forward:
        for (const Part& part : parts_) {
          call(part, pass);
        }
        break;
      case Pass::backward_data:
        for (std::size_t i = parts_.size(); i-- > 0;) {
          call(parts_[i], pass);
        }
        break;
      case Pass::backward_weights:
        for (const Part& part : parts_) {
          if (learns(part)) {
            call(part, pass);
          }
        }
        break;
    }
  }

  const std::vector<Part>& parts() const { return parts_; }
  const std::vector<Call>& calls() const { return calls_; }

  /// Inputs, parameters, saved tensors, outputs.
  std::vector<Operand> operands() const {
    std::vector<Operand> ordered;
    for (const Role role : {Role::input, Role::parameter, Role::saved, Role::output}) {
      for (const Operand& operand : tensors_) {
        if (operand.role == role) {
          ordered.push_back(operand);
        }
      }
    }
    return ordered;
  }

 private:
  static bool learns(const Part& part) {
    return part.layer->has(Pass::backward_weights) &&
           std::ranges::any_of(part.forward,
                               [](const Operand& o) { return o.role == Role::parameter; });
  }

  void call(const Part& part, Pass pass) {
    Call made{part.layer, part.values, pass, {}};
    std::vector<std::pair<std::string, Operand>> sums;
    for (const Operand& operand : made.operands()) {
      std::string tensor = part.tensor(operand.name);
      if (written(operand.role) && find(tensors_, tensor) != nullptr) {
        // A tensor that was read by a later step, too: its gradient is the sum of both.
        sums.emplace_back(tensor, operand);
        tensor += fmt::format(".of_{}", part.step->label);
      }
      declare(tensor, operand);
      made.bindings.emplace_back(operand.name, interned(tensor));
    }
    calls_.push_back(std::move(made));
    for (const auto& [tensor, operand] : sums) {
      sum(tensor, fmt::format("{}.of_{}", tensor, part.step->label), elements(operand));
    }
  }

  void sum(const std::string& total, const std::string& part, std::int64_t size) {
    const AnyLayer& add = find_layer("add");
    calls_.push_back(
        {&add,
         add.parse(fmt::format("{0}:{0}", size)),
         Pass::forward,
         {{"src0", interned(total)}, {"src1", interned(part)}, {"dst", interned(total)}}});
  }

  /// The role of a tensor: what the caller gives, what he gets, and what is kept between.
  void declare(const std::string& tensor, const Operand& operand) {
    if (find(tensors_, tensor) != nullptr) {
      return;
    }
    tensors_.push_back({interned(tensor), operand.dims, role(tensor, operand), operand.domain});
  }

  Role role(const std::string& tensor, const Operand& operand) const {
    if (!written(operand.role)) {
      return operand.role;
    }
    switch (pass_) {
      case Pass::backward_weights:
        return Role::output;
      case Pass::backward_data: {
        const bool gradient = tensor.starts_with(gradient_prefix);
        const Operand* of =
            gradient ? find(composition_.operands, tensor.substr(gradient_prefix.size())) : nullptr;
        return of != nullptr ? Role::output : Role::saved;
      }
      case Pass::forward:
        break;
    }
    const Operand* given = find(composition_.operands, tensor);
    return given != nullptr ? given->role : Role::saved;
  }

  const Composition& composition_;
  Pass pass_;
  std::vector<Part> parts_;
  std::vector<Call> calls_;
  std::vector<Operand> tensors_;
};

/// The tensors of a call, which lie in those of the composition.
template <class T>
Tensors<T> views(const Call& call, Tensors<T>& all) {
  Tensors<T> mine{std::span<const Operand>{}};
  for (const Operand& operand : call.operands()) {
    const auto bound =
        std::ranges::find(call.bindings, operand.name, &decltype(call.bindings)::value_type::first);
    auto* entry = all.find(bound->second);
    mine.view(operand.name, operand.role, entry->data);
  }
  return mine;
}

/// The prepared steps with the tensors that they work on.
struct PreparedSteps {
  std::vector<std::unique_ptr<Tensors<float>>> tensors;
  std::vector<Prepared> steps;

  void run() {
    for (const Prepared& step : steps) {
      step.feed();
      step.run();
      step.fetch();
    }
  }

  std::string implementation() const {
    std::vector<std::string_view> names;
    for (const Prepared& step : steps) {
      if (std::ranges::find(names, step.implementation) == names.end()) {
        names.push_back(step.implementation);
      }
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }
};

}  // namespace

std::vector<Operand> operands_of(const Composition& composition, Pass pass) {
  return Program(composition, pass).operands();
}

Formula formula_of(const Composition& composition, Pass pass) {
  const Program program(composition, pass);
  Formula total;
  for (const Part& part : program.parts()) {
    total.parameters =
        checked_add(total.parameters, part.layer->formula(part.values, Pass::forward).parameters);
  }
  for (const Call& call : program.calls()) {
    const Formula one = call.layer->formula(call.values, call.pass);
    total.dense = total.dense + one.dense;
    total.in_bounds = total.in_bounds + one.in_bounds;
  }
  return total;
}

std::vector<Component> components_of(const Composition& composition, Pass pass) {
  std::vector<Component> components;
  const Program program(composition, pass);
  for (const Call& call : program.calls()) {
    components.push_back({call.layer, call.values, call.pass});
  }
  return components;
}

template <class T>
void run_reference(const Composition& composition, Pass pass, Tensors<T>& tensors) {
  const Program program(composition, pass);
  for (const Call& call : program.calls()) {
    Tensors<T> mine = views(call, tensors);
    call.layer->reference(call.values, call.pass, mine);
  }
}

template void run_reference(const Composition&, Pass, Tensors<float>&);
template void run_reference(const Composition&, Pass, Tensors<double>&);
template void run_reference(const Composition&, Pass, Tensors<Counted<float>>&);
template void run_reference(const Composition&, Pass, Tensors<Counted<double>>&);

Preparation prepare_steps(const Composition& composition, std::string_view backend,
                          const Setup& setup, Tensors<float>& tensors) {
  if (setup.dtype != Dtype::f32) {
    return Unavailable{"a composition of layers, in f32 only"};
  }
  const auto prepared = std::make_shared<PreparedSteps>();
  const Program program(composition, setup.pass);
  for (const Call& call : program.calls()) {
    prepared->tensors.push_back(std::make_unique<Tensors<float>>(views(call, tensors)));
    const Setup mine{call.pass, setup.dtype, setup.threads};
    Preparation step =
        call.layer->backend(backend).prepare(call.values, mine, *prepared->tensors.back());
    if (const auto* absence = std::get_if<Unavailable>(&step)) {
      return Unavailable{fmt::format("{}: {}", call.layer->name, absence->reason)};
    }
    prepared->steps.push_back(std::get<Prepared>(std::move(step)));
  }
  return Prepared{.run = [prepared] { prepared->run(); },
                  .implementation = prepared->implementation()};
}

Preparation prepare_reference(const Composition& composition, const Setup& setup,
                              Tensors<float>& tensors) {
  if (const auto reason = reference_unavailable(setup)) {
    return *reason;
  }
  Preparation steps = prepare_steps(composition, "reference", setup, tensors);
  std::get<Prepared>(steps).implementation = reference_implementation;
  return steps;
}

void run_counted(const Composition& composition, std::string_view backend, Pass pass,
                 Tensors<Counted<float>>& tensors) {
  const Program program(composition, pass);
  for (const Call& call : program.calls()) {
    Tensors<Counted<float>> mine = views(call, tensors);
    call.layer->backend(backend).counted(call.values, call.pass, mine);
  }
}

OpCounts stated_of(const Composition& composition, std::string_view backend, Pass pass) {
  OpCounts total;
  const Program program(composition, pass);
  for (const Call& call : program.calls()) {
    total = total + call.layer->backend(backend).stated(call.values, call.pass);
  }
  return total;
}

}  // namespace flopmeter
