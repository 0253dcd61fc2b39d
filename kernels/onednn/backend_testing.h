// What every oneDNN backend is tested for: agreement with the reference, or a reason.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "kernels/agreement.h"
#include "kernels/layer.h"

namespace flopmeter::onednn {

/// Runs twice: what the first run leaves in its buffers must not matter to the second.
template <Layer L>
void expect_result(const typename L::Shape& shape, const Setup& setup, Prepared& prepared,
                   Tensors<float>& tensors) {
  Tensors<double> truth(tensors);
  L::template reference<double>(shape, setup.pass, truth);
  prepared.run();
  prepared.run();
  prepared.fetch();
  for (std::size_t i = 0; i < truth.entries().size(); ++i) {
    const Agreement agreement = check_agreement(tensors.entries()[i].data, truth.entries()[i].data,
                                                L::tolerance(shape, setup.pass, setup.dtype));
    EXPECT_TRUE(agreement.passed) << print_shape<L>(shape) << ": " << agreement.reason;
  }
}

/// Every shape has the right result or is unavailable for a reason; f32 only for output padding that
/// oneDNN does not take, and where a version of it is known to crash.
template <Layer L>
void expect_agreement(const std::vector<typename L::Shape>& shapes, const Setup& setup,
                      decltype(Backend<typename L::Shape>::prepare) prepare) {
  for (const auto& shape : shapes) {
    Tensors<float> tensors(L::operands(shape, setup.pass));
    fill(tensors, 1);
    Preparation preparation = prepare(shape, setup, tensors);
    if (auto* prepared = std::get_if<Prepared>(&preparation)) {
      expect_result<L>(shape, setup, *prepared, tensors);
    } else {
      const std::string& reason = std::get<Unavailable>(preparation).reason;
      EXPECT_NE(reason, "") << print_shape<L>(shape);
      const bool known = reason.find("less than a stride") != std::string::npos ||
                         reason.find("(seen in ") != std::string::npos;
      EXPECT_TRUE(known || setup.dtype != Dtype::f32) << print_shape<L>(shape) << ": " << reason;
    }
  }
}

/// What the tests of all layers are run with.
inline const std::vector<Setup> setups{
    {.dtype = Dtype::f32, .threads = 1},  {.dtype = Dtype::f32, .threads = 2},
    {.dtype = Dtype::bf16, .threads = 1}, {.dtype = Dtype::bf16, .threads = 2},
    {.dtype = Dtype::f16, .threads = 1},
};

inline std::string setup_name(const testing::TestParamInfo<Setup>& setup) {
  return fmt::format("{}_threads{}", to_string(setup.param.dtype), setup.param.threads);
}

/// A shape whose values lie in the layer's fuzz ranges. It need not be legal.
template <Layer L>
typename L::Shape draw(std::mt19937_64& random) {
  typename L::Shape shape;
  for (const auto& field : L::fields) {
    const auto range = static_cast<std::uint64_t>(field.fuzz_high - field.fuzz_low + 1);
    shape.*(field.member) = field.fuzz_low + static_cast<std::int64_t>(random() % range);
  }
  return shape;
}

}  // namespace flopmeter::onednn
