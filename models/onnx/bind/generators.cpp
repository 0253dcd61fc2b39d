// Tensors out of nothing that are too large for shape inference to hold: constants of the network.
#include <array>

#include "models/onnx/bind/steps.h"
#include "models/onnx/content.h"

namespace flopmeter::onnx {
namespace {

/// Numbers that are made when they are asked for.
void finish_constant(const Binding& b, Numbers numbers) {
  Steps steps(b);
  const Sizes dims = b.view.output_sizes();
  const TensorId id =
      b.builder.constant(fmt::format("{}:numbers", b.node.name), dims, std::move(numbers));
  steps.finish(steps.given(id, dims));
}

void bind_constant_of_shape(const Binding& b) {
  const AttributeProto* value = b.view.attribute("value");
  const auto stored = value == nullptr ? std::nullopt : value->tensor();
  const Contents one = stored ? read_content(*stored, nullptr) : reals_of({0});
  if (one == nullptr || one->size() != 1) {
    bad_input("its value is not one number");
  }
  const double number =
      one->real ? one->reals[0] : static_cast<double>(known_sizes(one->integers)[0]);
  const auto count = static_cast<std::size_t>(b.view.output_count());
  finish_constant(b, [=] { return std::vector<float>(count, static_cast<float>(number)); });
}

void bind_range(const Binding& b) {
  std::array<double, 3> given{};  // start, limit, delta
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Content* content = b.view.content(i);
    if (content == nullptr || content->size() != 1) {
      bad_input("its bounds are known during a run only");
    }
    given[i] =
        content->real ? content->reals[0] : static_cast<double>(known_sizes(content->integers)[0]);
  }
  const std::int64_t count = b.view.output_count();
  finish_constant(b, [=] {
    std::vector<float> all;
    for (std::int64_t i = 0; i < count; ++i) {
      all.push_back(static_cast<float>(given[0] + static_cast<double>(i) * given[2]));
    }
    return all;
  });
}

constexpr std::array generator_rows_bound{Binder{"", "ConstantOfShape", bind_constant_of_shape},
                                          Binder{"", "Range", bind_range}};

}  // namespace

std::span<const Binder> generator_binders() { return generator_rows_bound; }

}  // namespace flopmeter::onnx
