#include "bench/arrangement.h"

#include <gmock/gmock.h>

#include "kernels/agreement.h"
#include "kernels/inputs.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;

Case forward(std::string_view layer, std::string_view shape, std::string_view backend) {
  return {parse_problem(find_layer(layer), shape), Pass::forward, backend};
}

Tensors<float> inputs_of_case(const Case& subject) {
  return make_inputs(subject.problem, subject.pass, subject.dtype, 1);
}

TEST(Arrangement, IsReadAsItIsWritten) {
  for (const auto one : {Arrangement::own, Arrangement::plain, Arrangement::convolution}) {
    EXPECT_EQ(parse_arrangement(to_string(one)), one);
  }
  EXPECT_THROW(parse_arrangement("nhwc"), BadInput);
}

TEST(Arrangement, OfALibraryWithoutLayoutsIsUnavailable) {
  const Case subject = forward("batchnorm", "mb1ic8ih6", "eigen");
  Tensors<float> tensors = inputs_of_case(subject);
  const Arranged made = prepare_arranged(subject, 1, Arrangement::convolution, tensors);
  EXPECT_THAT(std::get<Unavailable>(made.preparation).reason,
              HasSubstr("eigen has no layouts beside the plain one"));
}

// Prevents numbers that were read in another order than they were written.
TEST(Arrangement, TheResultIsTheSameInAll) {
  for (const Case& subject : {forward("batchnorm", "mb2ic19ih5", "onednn"),
                              forward("max_pool", "mb2ic19ih6kh2sh2", "onednn"),
                              forward("groupnorm", "mb2ic20ih5g4", "onednn"),
                              forward("batchnorm", "mb2ic19id3ih5", "onednn")}) {
    const Problem& problem = subject.problem;
    Tensors<double> truth(inputs_of_case(subject));
    problem.layer->reference(problem.values, Pass::forward, truth);
    for (const auto one : {Arrangement::own, Arrangement::plain, Arrangement::convolution}) {
      Tensors<float> tensors = inputs_of_case(subject);
      const Arranged made = prepare_arranged(subject, 1, one, tensors);
      const auto* prepared = std::get_if<Prepared>(&made.preparation);
      if (prepared == nullptr) {
        GTEST_SKIP() << std::get<Unavailable>(made.preparation).reason;
      }
      EXPECT_EQ(made.layout.empty(), one == Arrangement::own);
      prepared->run();
      prepared->fetch();
      const Agreement agreement =
          check_agreement(output_values(tensors), output_values(truth),
                          problem.layer->tolerance(problem.values, Pass::forward, Dtype::f32));
      EXPECT_TRUE(agreement.passed)
          << problem.layer->name << ' ' << to_string(one) << ": " << agreement.reason;
    }
  }
}

}  // namespace
}  // namespace flopmeter
