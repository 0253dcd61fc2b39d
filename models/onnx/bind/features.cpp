// Scaled pixels and features of older tools, whose numbers are attributes, as nodes of a network.
#include <array>

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {
namespace {

void bind_affine(const Binding& b) {
  Steps steps(b);
  const Value scaled = steps.two("mul", steps.in(0), b.view.real("alpha", 1));
  steps.finish(steps.two("add", scaled, b.view.real("beta", 0)));
}

Value numbers_of(const Binding& b, Steps& steps, std::string_view attribute, Sizes dims) {
  const std::vector<double> given = b.view.reals_of(attribute);
  return steps.constant(std::move(dims), {given.begin(), given.end()});
}

void bind_image_scaler(const Binding& b) {
  Steps steps(b);
  const Value scaled = steps.two("mul", steps.in(0), b.view.real("scale", 1));
  const std::int64_t channels = b.view.sizes(0).at(1);
  const Value bias = numbers_of(b, steps, "bias", {1, channels, 1, 1});
  steps.finish(steps.two("add", scaled, bias));
}

void bind_crop(const Binding& b) {
  Steps steps(b);
  const auto border = b.view.integers_of("border");
  steps.finish(steps.slice(steps.in(0), b.view.output_sizes(), {0, 0, border.at(1), border.at(0)},
                           {1, 1, 1, 1}));
}

void bind_scaler(const Binding& b) {
  Steps steps(b);
  const auto numbers = [&](std::string_view name) {
    return numbers_of(b, steps, name, {std::ssize(b.view.reals_of(name))});
  };
  steps.finish(
      steps.two("mul", steps.two("sub", steps.in(0), numbers("offset")), numbers("scale")));
}

constexpr std::array feature_rows_bound{
    Binder{"", "Affine", bind_affine}, Binder{"", "ImageScaler", bind_image_scaler},
    Binder{"", "Crop", bind_crop}, Binder{learning, "Scaler", bind_scaler}};

}  // namespace

std::span<const Binder> feature_binders() { return feature_rows_bound; }

}  // namespace flopmeter::onnx
