// What is asked of every layer, without knowing any of them: legal default shapes, text that reads
// back, gradients that are the derivatives of the forward pass.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "kernels/inputs.h"

namespace flopmeter {
namespace {

class EveryLayer : public testing::TestWithParam<std::size_t> {
 protected:
  const AnyLayer& layer() const { return layers().at(GetParam()); }
};

/// A legal shape from the lower end of the layer's ranges, so that gradients take no time.
Problem draw_small(const AnyLayer& layer, std::mt19937_64& random) {
  while (true) {
    Values values;
    for (const FieldInfo& field : layer.fields) {
      const std::int64_t high =
          std::min(field.fuzz_high, std::max(field.fuzz_low, std::int64_t{4}));
      const auto range = static_cast<std::uint64_t>(high - field.fuzz_low) + 1;
      values.push_back(field.fuzz_low + static_cast<std::int64_t>(random() % range));
    }
    try {
      return {&layer, layer.complete(values), ""};
    } catch (const BadInput&) {
    }
  }
}

TEST_P(EveryLayer, ReadsWhatItPrints) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    const Problem problem = draw_small(layer(), random);
    EXPECT_EQ(layer().parse(problem.shape()), problem.values) << problem.shape();
  }
}

/// All that is said of a shape without computing it.
void state_everything(const AnyLayer& layer, const Values& given) {
  try {
    const Values values = layer.complete(given);
    layer.variables(values);
    layer.padded_out(values);
    for (const Pass pass : layer.passes) {
      layer.formula(values, pass);
      layer.operands(values, pass);
      for (const AnyBackend& backend : layer.backends) {
        if (backend.stated) {
          backend.stated(values, pass);
        }
      }
    }
  } catch (const BadInput&) {
  } catch (const CountOverflow&) {
  }
}

// Prevents a walk over an axis in what must be a closed form: `count` of a kernel of 9e12 never ended.
TEST_P(EveryLayer, IsStatedAtOnceHoweverLong) {
  constexpr std::int64_t endless = 9'000'000'000'000;
  const Values usual = default_problems(layer()).front().values;
  for (std::size_t i = 0; i < usual.size(); ++i) {
    for (std::size_t j = i; j < usual.size(); ++j) {
      for (const bool derived : {false, true}) {
        Values values = usual;
        for (std::size_t k = 0; k < values.size(); ++k) {
          values[k] = derived && layer().fields[k].otherwise == unset ? unset : values[k];
        }
        values[i] = values[j] = endless;
        state_everything(layer(), values);
      }
    }
  }
}

TEST_P(EveryLayer, HasDefaultShapesAndBackendsBesideItsDefinition) {
  EXPECT_GE(default_problems(layer()).size(), 4U);
  const auto of_kind = [&](BackendKind kind) {
    return std::ranges::count(layer().backends, kind, &AnyBackend::kind);
  };
  EXPECT_EQ(layer().backends.front().kind, BackendKind::definition);
  EXPECT_EQ(of_kind(BackendKind::definition), 1);
  EXPECT_GE(of_kind(BackendKind::binary), 1);
  std::set<std::string_view> names;
  for (const AnyBackend& backend : layer().backends) {
    EXPECT_TRUE(names.insert(backend.name).second) << backend.name << " is there twice";
    EXPECT_EQ(static_cast<bool>(backend.counted), backend.kind != BackendKind::binary);
  }
}

/// sum over outputs y of y * dy, the function whose gradient the backward passes compute.
class Loss {
 public:
  explicit Loss(const Problem& problem) : problem_(problem), gradients_(outputs(problem)) {
    fill(gradients_, 3);
  }

  double operator()(const Tensors<double>& inputs) const {
    Tensors<double> tensors(inputs);
    problem_.layer->reference(problem_.values, Pass::forward, tensors);
    double loss = 0;
    for (const auto& entry : tensors.entries()) {
      const auto* dy = gradient(entry.name);
      for (std::size_t i = 0; dy != nullptr && i < entry.data.size(); ++i) {
        loss += entry.data[i] * dy->data[i];
      }
    }
    return loss;
  }

  /// Of an output; null when the backward passes do not take one.
  const Tensors<float>::Entry* gradient(std::string_view output) const {
    return const_cast<Tensors<float>&>(gradients_).find(output);
  }

 private:
  /// Outputs for which some backward pass has a `diff_` operand.
  static std::vector<Operand> outputs(const Problem& problem) {
    std::vector<Operand> found;
    for (Operand operand : problem.operands(Pass::forward)) {
      const std::string diff = "diff_" + std::string(operand.name);
      for (const Pass pass : problem.layer->passes) {
        const auto operands = problem.operands(pass);
        if (pass != Pass::forward && operand.role == Role::output &&
            std::ranges::find(operands, diff, &Operand::name) != operands.end()) {
          operand.role = Role::input;
          found.push_back(operand);
          break;
        }
      }
    }
    return found;
  }

  const Problem& problem_;
  Tensors<float> gradients_;
};

void take_over(Tensors<double>& to, const Tensors<double>& from) {
  for (const auto& entry : from.entries()) {
    if (auto* taken = to.find(entry.name)) {
      std::ranges::copy(entry.data, taken->data.begin());
    }
  }
}

/// The backward pass on what the passes before it left.
Tensors<double> backward(const Problem& problem, Pass pass, const Tensors<double>& inputs,
                         const Loss& loss) {
  Tensors<double> forward(inputs);
  problem.layer->reference(problem.values, Pass::forward, forward);
  Tensors<double> tensors(problem.operands(pass));
  if (pass == Pass::backward_weights && problem.layer->has(Pass::backward_data)) {
    take_over(tensors, backward(problem, Pass::backward_data, inputs, loss));
  }
  take_over(tensors, forward);
  for (auto& entry : tensors.entries()) {
    if (entry.name.starts_with("diff_")) {
      if (const auto* dy = loss.gradient(entry.name.substr(5))) {
        std::ranges::copy(dy->data, entry.data.begin());
      }
    }
  }
  problem.layer->reference(problem.values, pass, tensors);
  return tensors;
}

/// (L(x + h) - L(x - h)) / 2h, in double: right to about h^2.
double slope(const Loss& loss, Tensors<double>& inputs, double& x, double h) {
  const double at = x;
  x = at + h;
  const double above = loss(inputs);
  x = at - h;
  const double below = loss(inputs);
  x = at;
  return (above - below) / (2 * h);
}

bool near(double gradient, double expected) {
  return std::abs(gradient - expected) <= 1e-6 * (1 + std::abs(expected));
}

/// The derivative that a gradient is held against. Where the two differ, by Richardson's
/// extrapolation, right to about h^4: a norm of two features bends sharply where they are equal.
double derivative(const Loss& loss, Tensors<double>& inputs, double& x, double gradient) {
  constexpr double h = 1e-5;
  const double first = slope(loss, inputs, x, h);
  return near(gradient, first) ? first : (4 * slope(loss, inputs, x, h / 2) - first) / 3;
}

void expect_derivatives(const Problem& problem, Pass pass, std::mt19937_64& random) {
  Tensors<double> inputs(make_inputs(problem, Pass::forward, Dtype::f32, 5));
  const Loss loss(problem);
  const Tensors<double> gradients = backward(problem, pass, inputs, loss);
  for (const auto& entry : gradients.entries()) {
    if (entry.role != Role::output) {
      continue;
    }
    ASSERT_TRUE(entry.name.starts_with("diff_")) << entry.name;
    auto* input = inputs.find(entry.name.substr(5));
    ASSERT_NE(input, nullptr) << entry.name;
    ASSERT_EQ(input->data.size(), entry.data.size()) << entry.name;
    for (int i = 0; i < 6; ++i) {
      const std::size_t at = random() % entry.data.size();
      const double expected = derivative(loss, inputs, input->data[at], entry.data[at]);
      EXPECT_TRUE(near(entry.data[at], expected))
          << entry.data[at] << " is not " << expected << ": " << problem.layer->name << " "
          << to_string(pass) << " " << problem.shape() << " " << entry.name << "[" << at << "]";
    }
  }
}

TEST_P(EveryLayer, GradientsAreDerivatives) {
  std::mt19937_64 random(2);
  // Of composed layers each part has shapes of its own here.
  const int shapes = layer().components == nullptr ? 25 : 8;
  for (const Pass pass : layer().passes) {
    for (int i = 0; pass != Pass::forward && i < shapes; ++i) {
      expect_derivatives(draw_small(layer(), random), pass, random);
    }
  }
}

// A table's row must not have the name of a folder.
TEST(Layers, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const AnyLayer& layer : layers()) {
    EXPECT_TRUE(names.insert(layer.name).second) << layer.name;
  }
}

std::vector<std::size_t> indices() {
  std::vector<std::size_t> all(layers().size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Kernels, EveryLayer, testing::ValuesIn(indices()), [](const auto& test) {
  return std::string(layers().at(test.param).name);
});

}  // namespace
}  // namespace flopmeter
