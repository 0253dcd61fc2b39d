#include "bench/arrangement.h"

#include <algorithm>
#include <array>
#include <deque>
#include <memory>

#include "kernels/inputs.h"
#include "kernels/network/executor.h"
#include "kernels/network/slot.h"

namespace flopmeter {
namespace {

constexpr std::array<std::string_view, 3> arrangements{"own", "plain", "convolution"};
constexpr std::size_t image_dims = 4;  // samples, channels, height, width; depth may come before

bool is_image(const Operand& operand) {
  return operand.role == Role::input && operand.dims.size() >= image_dims &&
         operand.dims.size() <= image_dims + 1;
}

/// The largest input that is an image, what is repeated over it being smaller; null: there is none.
const Operand* image_of(std::span<const Operand> operands) {
  const auto size = [](const Operand& operand) {
    return is_image(operand) ? elements(operand) : 0;
  };
  const auto found = std::ranges::max_element(operands, {}, size);
  return found == operands.end() || !is_image(*found) ? nullptr : &*found;
}

bool has_weights(std::span<const Operand> operands) {
  return std::ranges::any_of(operands, [](const Operand& operand) {
    return operand.role == Role::parameter && operand.dims.size() > 1;
  });
}

/// One input, one result of its dimensions, nothing else: no layout is better than another.
bool is_elementwise(std::span<const Operand> operands) {
  return operands.size() == 2 && operands[0].dims == operands[1].dims;
}

/// A 1 x 1 convolution that makes such a tensor of one of the same size.
Problem convolution_before(const Operand& image) {
  const std::vector<std::int64_t>& dims = image.dims;
  const bool deep = dims.size() > image_dims && dims[2] > 1;
  const std::string depth = deep ? fmt::format("id{0}od{0}", dims[2]) : "";
  const std::size_t n = dims.size();
  const std::string text =
      fmt::format("mb{0}ic{1}{2}ih{3}oh{3}iw{4}ow{4}oc{1}kh1kw1ph0pw0{5}bias0", dims[0], dims[1],
                  depth, dims[n - 2], dims[n - 1], deep ? "kd1pd0" : "");
  return parse_problem(find_layer(deep ? "conv3d" : "conv2d"), text);
}

/// How the backend's convolution leaves the image; null: in no layout of its own.
std::shared_ptr<const Layout> left_by_convolution(const Operand& image, std::string_view backend,
                                                  const Setup& setup) {
  const Problem before = convolution_before(image);
  if (!before.layer->offers(backend)) {
    return nullptr;
  }
  Tensors<float> tensors(before.operands(Pass::forward));
  std::deque<Slot> slots;
  for (auto& entry : tensors.entries()) {
    entry.slot = entry.role == Role::parameter ? nullptr : &slots.emplace_back();
  }
  const Preparation made = before.layer->backend(backend).prepare(before.values, setup, tensors);
  return std::holds_alternative<Prepared>(made) ? tensors.find("dst")->slot->chosen : nullptr;
}

Lifetime lifetime_of(Role role) {
  return role == Role::output      ? Lifetime::output
         : role == Role::parameter ? Lifetime::constant
                                   : Lifetime::input;
}

/// The layer by itself. What only a backward pass asks for is left out.
Network layer_alone(const Problem& problem) {
  Network network;
  Node node{.label = "layer", .layer = problem.layer, .shape = problem.values};
  for (const Operand& operand : problem.operands(Pass::forward)) {
    if (operand.role != Role::saved) {
      const std::string name(operand.name);
      node.edges.push_back({name, network.add_tensor({.name = name,
                                                      .dims = operand.dims,
                                                      .lifetime = lifetime_of(operand.role),
                                                      .domain = operand.domain})});
    }
  }
  network.add_node(std::move(node));
  return network;
}

/// All images of these dimensions lie so: summands come from the same kind of layer.
std::vector<GivenLayout> given_layouts(std::span<const Operand> operands, const Operand& image,
                                       const std::shared_ptr<const Layout>& layout) {
  std::vector<GivenLayout> given;
  for (const Operand& operand : operands) {
    if (is_image(operand) && operand.dims == image.dims) {
      given.push_back({operand.name, layout});
    }
  }
  return given;
}

}  // namespace

std::string_view to_string(Arrangement arrangement) {
  return arrangements.at(static_cast<std::size_t>(arrangement));
}

Arrangement parse_arrangement(std::string_view name) {
  const auto* const found = std::ranges::find(arrangements, name);
  if (found == arrangements.end()) {
    bad_input("unknown layout '{}': own, plain or convolution", name);
  }
  return static_cast<Arrangement>(found - arrangements.begin());
}

std::vector<Arrangement> usual_arrangements(const Case& subject) {
  const Problem& problem = subject.problem;
  const BackendKind kind = problem.layer->backend(subject.backend).kind;
  if (subject.pass != Pass::forward || subject.dtype != Dtype::f32 || kind != BackendKind::binary ||
      problem.layer->network) {
    return {Arrangement::own};
  }
  const std::vector<Operand> operands = problem.operands(Pass::forward);
  if (image_of(operands) == nullptr || has_weights(operands) || is_elementwise(operands)) {
    return {Arrangement::own};
  }
  return {Arrangement::plain, Arrangement::convolution};
}

Arranged prepare_arranged(const Case& subject, int threads, Arrangement arrangement,
                          Tensors<float>& tensors) {
  const Problem& problem = subject.problem;
  const Setup setup{subject.pass, subject.dtype, threads};
  if (arrangement == Arrangement::own) {
    const AnyBackend& backend = problem.layer->backend(subject.backend);
    return {backend.prepare(problem.values, setup, tensors), ""};
  }
  const std::vector<Operand> operands = problem.operands(subject.pass);
  const Operand* image = image_of(operands);
  if (subject.pass != Pass::forward || subject.dtype != Dtype::f32 || image == nullptr) {
    return {Unavailable{"layouts are given to forward passes over images, in f32"}, ""};
  }
  std::shared_ptr<const Layout> layout = left_by_convolution(*image, subject.backend, setup);
  if (layout == nullptr) {
    return {Unavailable{fmt::format("{} has no layouts beside the plain one", subject.backend)},
            ""};
  }
  if (arrangement == Arrangement::plain) {
    layout = layout->as_plain();
  }
  const std::vector<GivenLayout> given = given_layouts(operands, *image, layout);
  return {prepare_network(layer_alone(problem), subject.backend, setup, tensors, given),
          layout->name()};
}

}  // namespace flopmeter
