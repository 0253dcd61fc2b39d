#include "kernels/openblas/openblas.h"

#include <gtest/gtest.h>

#include <random>

#include "kernels/agreement.h"

namespace flopmeter::openblas {
namespace {

/// Runs twice: what the first run leaves must not be added to.
template <Layer L>
void expect_same_as_definition(const typename L::Shape& shape, Pass pass, int threads) {
  const Setup setup{.pass = pass, .threads = threads};
  Tensors<float> tensors(L::operands(shape, pass));
  fill(tensors, 1);
  Tensors<double> truth(tensors);
  L::template reference<double>(shape, pass, truth);
  const Preparation made = prepare(shape, setup, tensors);
  const auto* prepared = std::get_if<Prepared>(&made);
  if (prepared == nullptr) {
    GTEST_SKIP() << std::get<Unavailable>(made).reason;
  }
  prepared->run();
  prepared->run();
  const Agreement agreement = check_agreement(output_values(tensors), output_values(truth),
                                              L::tolerance(shape, pass, Dtype::f32));
  EXPECT_TRUE(agreement.passed) << print_shape<L>(shape) << " " << to_string(pass) << ": "
                                << agreement.reason;
}

/// Legal shapes from the layer's ranges.
template <Layer L>
void expect_same_as_definition() {
  std::mt19937_64 random(1);
  int legal = 0;
  while (legal < 60) {
    typename L::Shape shape;
    for (const auto& field : L::fields) {
      const auto range = static_cast<std::uint64_t>(field.fuzz_high - field.fuzz_low + 1);
      shape.*(field.member) = field.fuzz_low + static_cast<std::int64_t>(random() % range);
    }
    try {
      shape = L::complete(shape);
    } catch (const BadInput&) {
      continue;
    }
    ++legal;
    for (const Pass pass : all_passes) {
      expect_same_as_definition<L>(shape, pass, 1 + legal % 2);
    }
  }
}

TEST(Openblas, LinearAgreesWithItsDefinition) { expect_same_as_definition<linear::Layer>(); }

TEST(Openblas, MatmulAgreesWithItsDefinition) { expect_same_as_definition<matmul::Layer>(); }

TEST(Openblas, LargeProductsAgree) {
  for (const Pass pass : all_passes) {
    expect_same_as_definition<linear::Layer>(parse_shape<linear::Layer>("mb33ic515oc129"), pass, 2);
    expect_same_as_definition<matmul::Layer>(
        parse_shape<matmul::Layer>("2x1x130x257:1x3x257x65_ta1_bias1"), pass, 2);
  }
}

TEST(Openblas, SaysWhatItCannotDo) {
  const auto shape = parse_shape<linear::Layer>("mb2ic3oc4");
  Tensors<float> tensors(linear::Layer::operands(shape, Pass::forward));
  const Preparation made = prepare(shape, {.dtype = Dtype::bf16}, tensors);
  EXPECT_NE(std::get<Unavailable>(made).reason, "");
}

}  // namespace
}  // namespace flopmeter::openblas
