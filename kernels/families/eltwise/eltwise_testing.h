// What every activation is tested for beyond the numbers of the ledger, which lie in (-1, 1): the
// clamped, saturated and steep parts of its curve, in every backend.
#pragma once

#include <gmock/gmock.h>

#include <cmath>
#include <initializer_list>
#include <variant>

#include "kernels/agreement.h"
#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::eltwise {

/// What a pass reads, for x from -8 to 8.
template <class L>
Tensors<float> wide_inputs(const Shape& s, Pass pass) {
  Tensors<float> forward(L::operands(s, Pass::forward));
  fill(forward, 1);
  for (float& x : forward.find("src")->data) {
    x *= 8;
  }
  if (pass == Pass::forward) {
    return forward;
  }
  L::reference(s, Pass::forward, forward);
  Tensors<float> backward(L::operands(s, pass));
  fill(backward, 2);
  std::ranges::copy(forward.find(L::backward_reads)->data,
                    backward.find(L::backward_reads)->data.begin());
  return backward;
}

/// Eight times the tolerance, because the numbers are eight times as large.
template <class L>
void expect_agreement_from_minus_8_to_8() {
  const Shape s = parse_shape<L>("mb3ic67ih5");
  for (const Pass pass : L::passes) {
    for (const auto& backend : L::backends()) {
      Tensors<float> tensors = wide_inputs<L>(s, pass);
      Tensors<double> truth(tensors);
      L::reference(s, pass, truth);
      const Preparation preparation = backend.prepare(s, flopmeter::Setup{.pass = pass}, tensors);
      if (const auto* prepared = std::get_if<Prepared>(&preparation)) {
        prepared->run();
        prepared->fetch();
        Tolerance tolerance = L::tolerance(s, pass, Dtype::f32);
        tolerance.absolute *= 8;
        EXPECT_EQ(check_agreement(output_values(tensors), output_values(truth), tolerance).reason,
                  "")
            << backend.name << " " << to_string(pass);
      }
    }
  }
}

/// f(x) and dy * f'(x) at one x, in double.
template <class L>
double value_at(double x) {
  return L::value(x);
}
template <class L>
double gradient_at(double x, double dy = 1) {
  return L::gradient(L::backward_reads == "src" ? x : L::value(x), dy);
}

/// The counts of 2 x 3 elements.
template <class L>
OpCounts counts_of_6(Pass pass) {
  const Shape s = parse_shape<L>("mb2ic3");
  Tensors<Counted<float>> zeros(L::operands(s, pass));
  const OpCounts counted = count_operations([&] { L::reference(s, pass, zeros); });
  EXPECT_EQ(counted, L::formula(s, pass).in_bounds);
  return counted;
}

}  // namespace flopmeter::eltwise
