// What layers that are rows of tables are tested with: values and counts by hand, and every backend
// against the reference.
#pragma once

#include <gmock/gmock.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kernels/agreement.h"
#include "kernels/case.h"
#include "kernels/inputs.h"

namespace flopmeter::rows {

using Given = std::initializer_list<std::pair<std::string_view, std::vector<double>>>;

inline Problem problem_of(std::string_view layer, std::string_view shape) {
  return parse_problem(find_layer(layer), shape);
}

/// All outputs of the reference on tensors of which some are given.
inline std::vector<double> outputs(std::string_view layer, std::string_view shape, Pass pass,
                                   const Given& given) {
  const Problem problem = problem_of(layer, shape);
  Tensors<double> tensors(problem.operands(pass));
  for (const auto& [name, values] : given) {
    auto* entry = tensors.find(name);
    EXPECT_NE(entry, nullptr) << name;
    EXPECT_EQ(entry->data.size(), values.size()) << name;
    std::ranges::copy(values, entry->data.begin());
  }
  problem.layer->reference(problem.values, pass, tensors);
  return output_values(tensors);
}

/// The counts of the formula, which a run of the reference confirms.
inline OpCounts counts(std::string_view layer, std::string_view shape, Pass pass) {
  const Problem problem = problem_of(layer, shape);
  Tensors<Counted<double>> tensors(make_inputs(problem, pass, Dtype::f32, 1));
  const OpCounts counted =
      count_operations([&] { problem.layer->reference(problem.values, pass, tensors); });
  EXPECT_EQ(counted, problem.formula(pass).in_bounds) << layer << " " << shape;
  return counted;
}

/// Holds one backend against the reference, run twice, with inputs times `scale`.
inline void expect_agreement(const Problem& problem, const AnyBackend& backend, const Setup& setup,
                             float scale) {
  Tensors<float> tensors = make_inputs(problem, setup.pass, setup.dtype, 1);
  for (auto& entry : tensors.entries()) {
    for (float& x : entry.data) {
      x *= entry.domain.kind == Domain::Kind::any && !written(entry.role) ? scale : 1;
    }
  }
  Tensors<double> truth(tensors);
  problem.layer->reference(problem.values, setup.pass, truth);
  const Preparation preparation = backend.prepare(problem.values, setup, tensors);
  const auto* prepared = std::get_if<Prepared>(&preparation);
  if (prepared == nullptr) {
    EXPECT_NE(std::get<Unavailable>(preparation).reason, "");
    return;
  }
  prepared->run();
  prepared->run();
  prepared->fetch();
  Tolerance tolerance = problem.layer->tolerance(problem.values, setup.pass, setup.dtype);
  tolerance.absolute *= scale;
  EXPECT_EQ(check_agreement(output_values(tensors), output_values(truth), tolerance).reason, "")
      << problem.layer->name << " " << problem.shape() << " " << backend.name << " "
      << to_string(setup.pass) << " with " << setup.threads << " threads";
}

/// Every backend in every pass, with one thread and with three.
inline void expect_backends_agree(std::string_view layer, std::string_view shape, float scale = 1) {
  const Problem problem = problem_of(layer, shape);
  for (const Pass pass : problem.layer->passes) {
    for (const AnyBackend& backend : problem.layer->backends) {
      expect_agreement(problem, backend, Setup{.pass = pass}, scale);
      expect_agreement(problem, backend, Setup{.pass = pass, .threads = 3}, scale);
    }
  }
}

inline void expect_refused(std::string_view layer, std::string_view shape, const char* why) {
  EXPECT_THAT([&] { problem_of(layer, shape); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr(why)))
      << layer << " " << shape;
}

}  // namespace flopmeter::rows
